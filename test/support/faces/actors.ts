/**
 * How many actors take part: all permissions, a reader, a low clearance, an agent that nobody registered, a stranger, nobody, a registered
 * agent, a person who proved no second factor, and last an administrator who just did.
 */
export const actors = 9;

/** The registered agent, who alone takes back what it proposed. */
export const agentActor = 6;
