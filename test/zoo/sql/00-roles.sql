-- Owners and users of what follows. Roles belong to the whole server: these files want servers of their own.
CREATE ROLE zoo_owner NOLOGIN;
CREATE ROLE zoo_keeper LOGIN PASSWORD 'keeps' CONNECTION LIMIT 7;
CREATE ROLE "zoo Visitor" LOGIN NOINHERIT IN ROLE zoo_owner;
CREATE ROLE zoo_group CREATEROLE;
GRANT zoo_group TO zoo_keeper;
