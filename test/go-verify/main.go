// Command go-verify checks proofs of the audit log with the implementation of transparency logs that Go's own module system stands on,
// golang.org/x/mod/sumdb. It shares nothing with the verifier in TypeScript but the format.
//
//	go-verify bundle FILE VKEY
//	go-verify consistency EARLIER LATER PROOF VKEY
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type bundle struct {
	Origin string
	Index  int64
	Entry  struct {
		Facts, Content                            json.RawMessage
		FactsSalt, ContentSalt, ContentCommitment string
	}
	Proof string
}

func main() {
	var err error
	if len(os.Args) == 4 && os.Args[1] == "bundle" {
		err = checkBundle(read(os.Args[2]), os.Args[3])
	} else if len(os.Args) == 6 && os.Args[1] == "consistency" {
		err = checkGrowth(read(os.Args[2]), read(os.Args[3]), read(os.Args[4]), os.Args[5])
	} else {
		err = fmt.Errorf("usage: bundle FILE VKEY | consistency EARLIER LATER PROOF VKEY")
	}
	if err != nil {
		fmt.Println("false:", err)
		os.Exit(1)
	}
	fmt.Println("proven")
}

func checkBundle(text []byte, vkey string) error {
	var b bundle
	if err := json.Unmarshal(text, &b); err != nil {
		return err
	}
	parts := strings.SplitN(b.Proof, "\n\n", 2)
	lines := strings.Split(parts[0], "\n")
	if len(parts) != 2 || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" || lines[1] != "index "+strconv.FormatInt(b.Index, 10) {
		return fmt.Errorf("no proof of index %d", b.Index)
	}
	path, err := hashes(lines[2:])
	if err != nil {
		return err
	}
	origin, tree, err := open(parts[1], vkey)
	if err != nil {
		return err
	}
	if origin != b.Origin {
		return fmt.Errorf("another origin")
	}
	data, err := leaf(b)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(path, tree.N, tree.Hash, b.Index, tlog.RecordHash(data))
}

func checkGrowth(earlier, later, proof []byte, vkey string) error {
	_, was, err := open(string(earlier), vkey)
	if err != nil {
		return err
	}
	_, is, err := open(string(later), vkey)
	if err != nil {
		return err
	}
	path, err := hashes(strings.Fields(string(proof)))
	if err != nil {
		return err
	}
	return tlog.CheckTree(path, is.N, is.Hash, was.N, was.Hash)
}

// open verifies a checkpoint's signature and reads its three lines.
func open(text, vkey string) (origin string, tree tlog.Tree, err error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return
	}
	signed, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) != 4 || verifier.Name() != lines[0] {
		return "", tree, fmt.Errorf("no checkpoint of %s", verifier.Name())
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return lines[0], tree, err
}

func leaf(b bundle) ([]byte, error) {
	facts, err := commitment(b.Entry.FactsSalt, b.Entry.Facts)
	if err != nil {
		return nil, err
	}
	if b.Entry.ContentCommitment != "" {
		content, err := hex.DecodeString(b.Entry.ContentCommitment)
		return append(facts, content...), err
	}
	content, err := commitment(b.Entry.ContentSalt, b.Entry.Content)
	return append(facts, content...), err
}

// commitment is the HMAC over the half's canonical JSON. The files given to this program have their halves in that form already.
func commitment(salt string, half json.RawMessage) ([]byte, error) {
	key, err := hex.DecodeString(salt)
	if err != nil {
		return nil, err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(half)
	return mac.Sum(nil), nil
}

func hashes(lines []string) (path []tlog.Hash, err error) {
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		path = append(path, hash)
	}
	return path, nil
}

func read(path string) []byte {
	text, err := os.ReadFile(path)
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	return text
}
