-- Makes the roles and the database of Dais in an empty Postgres. The image of Postgres runs it by psql, once, as the superuser.
--
-- Two users: dais_owner owns the tables and migrates; dais serves, and can only become one of the two roles below.
\getenv owner_password DAIS_OWNER_PASSWORD
\getenv password DAIS_PASSWORD

create role dais_app nologin;
create role dais_system nologin;
create role dais_owner login createrole password :'owner_password';
create role dais login noinherit password :'password';
grant dais_app, dais_system to dais;
create database dais owner dais_owner;
