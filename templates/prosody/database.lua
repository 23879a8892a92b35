-- Run before the server is, with the answers as arguments: can the database be used? Exit status 11: not reached;
-- 12: user or password is refused; 13: no such database; 14: too old; 15: not UTF-8; 16: no rights; 17: tables of
-- another program; 18: empty, though data should be there.
local driver, database, user, password_file, host, port, is_kept = ...
local DBI = require "DBI"
local is_mysql = driver == "MySQL"
local OLDEST = is_mysql and { MariaDB = 10.05, MySQL = 8.00 } or { PostgreSQL = 12 }
local TABLES = {
	prosody = { "host", "user", "store", "key", "type", "value" },
	prosodyarchive = { "sort_id", "host", "user", "store", "key", "when", "with", "type", "value" },
}

local function stop(status, reason)
	print((tostring(reason):gsub("^Failed to connect to database: ", ""):gsub("%s+", " ")))
	os.exit(status)
end

local function says(text, ...)
	for _, words in ipairs { ... } do
		if text:find(words, 1, true) then return true end
	end
	return false
end

local file = assert(io.open(password_file))
local password = file:read("l") or ""
file:close()
-- luadbi 0.7 forgets why PostgreSQL was not reached. So it is asked once more, by hand, as far as it answers (PostgreSQL
-- 17 manual, 53.2 and 53.7): its own words for what is wrong. The password itself is not sent (SCRAM).
local function why_not_postgresql()
	package.path, package.cpath = "/usr/lib/prosody/?.lua;" .. package.path, "/usr/lib/prosody/?.so;" .. package.cpath
	local socket, ssl, hashes = require "socket", require "ssl", require "util.hashes"
	local base64, unbase64 = require "mime".b64, require "mime".unb64
	local line = assert(socket.tcp())
	line:settimeout(10)
	local ok, reason = line:connect(host, tonumber(port))
	if not ok then return 11, reason end
	line:send(string.pack(">I4I4", 8, 80877103))
	if line:receive(1) == "S" then
		local roots = database:match("sslrootcert=([^&]+)") or "system"
		line = assert(ssl.wrap(line, {
			mode = "client", protocol = "any", verify = database:find("verify-full", 1, true) and "peer" or "none";
			cafile = roots ~= "system" and roots or nil, capath = roots == "system" and "/etc/ssl/certs" or nil;
		}))
		ok, reason = line:dohandshake()
		if not ok then return 11, reason end
	elseif database:find("verify-full", 1, true) then
		return 11, "it does not speak TLS"
	else
		return 11, "unknown"
	end

	local function send(kind, text) line:send(kind .. string.pack(">I4", #text + 4) .. text) end
	local function receive()
		local head = line:receive(5)
		if not head then return "", "" end
		return head:sub(1, 1), line:receive(string.unpack(">I4", head, 2) - 4) or ""
	end
	local nonce, bare, first = base64(tostring(socket.gettime()) .. tostring(line)):gsub("[^%w]", "")
	bare = "n=,r=" .. nonce
	send("", string.pack(">I4zzzzz", 196608, "user", user, "database", database:match("///([^?]+)"), ""))
	while true do
		local kind, text = receive()
		local method = kind == "R" and string.unpack(">I4", text)
		if kind == "E" then
			local code, words = text:match("C(%w%w%w%w%w)%z"), text:match("%zM([^%z]+)")
			return (code or ""):find("^28") and 12 or (code == "3D000" or code == "42501") and 13 or 11, words
		elseif method == 10 then
			first = "n,," .. bare
			send("p", string.pack(">zs4", "SCRAM-SHA-256", first))
		elseif method == 11 then
			local said = text:sub(5)
			local both, salt, rounds = said:match("^r=(.-),s=(.-),i=(%d+)")
			local salted = hashes.pbkdf2_hmac_sha256(password, unbase64(salt), tonumber(rounds))
			local final = "c=biws,r=" .. both
			local key = hashes.hmac_sha256(salted, "Client Key")
			local signature = hashes.hmac_sha256(hashes.sha256(key), bare .. "," .. said .. "," .. final)
			local proof = key:gsub("()(.)", function (at, sign) return string.char(sign:byte() ~ signature:byte(at)) end)
			send("p", final .. ",p=" .. base64(proof))
		elseif method and method ~= 12 and method ~= 0 then
			return 12, "user or password"
		elseif kind == "Z" or kind == "" then
			return 11, kind == "Z" and "its certificate is for another name" or "it hung up"
		end
	end
end

local function why_not_mysql(problem)
	if says(problem, "to database '", "Unknown database") then return 13, problem end
	return says(problem, "Access denied", "not allowed to connect") and 12 or 11, problem
end

local connection, problem = DBI.Connect(driver, database, user, password, host, tonumber(port))
if not connection then stop((is_mysql and why_not_mysql or why_not_postgresql)(problem)) end
connection:autocommit(false)

-- Returns the rows of a query, or nil and what is wrong with it. Prosody's own way of quoting names.
local function ask(query, ...)
	local statement, why = connection:prepare(is_mysql and query:gsub('"', "`") or query)
	if not statement then return nil, why end
	local ok, reason = statement:execute(...)
	if not ok then return nil, reason end
	local rows = {}
	if query:find("^S") then
		for row in statement:rows() do rows[#rows + 1] = { table.unpack(row) } end
	end
	statement:close()
	return rows
end

local function value(query)
	local rows, why = ask(query)
	return rows and rows[1] and tostring(rows[1][1]) or stop(11, why)
end

local said = is_mysql and value "SELECT VERSION()" or value "SHOW server_version"
local kind = not is_mysql and "PostgreSQL" or said:find("MariaDB", 1, true) and "MariaDB" or "MySQL"
local major, minor = said:match("^(%d+)%.?(%d*)")
if tonumber(major) + (is_mysql and tonumber(minor) / 100 or 0) < OLDEST[kind] then stop(14, kind .. " " .. said) end

if not is_mysql and value "SHOW server_encoding" ~= "UTF8" then stop(15, value "SHOW server_encoding") end
local there = 0
for name, columns in pairs(TABLES) do
	-- PostgreSQL's information_schema has only what one may use
	local has = ask((is_mysql and "SELECT 1 FROM information_schema.tables WHERE table_name = '%s' AND table_schema = DATABASE()"
		or "SELECT 1 FROM pg_tables WHERE tablename = '%s' AND schemaname = CURRENT_SCHEMA()"):format(name))
	if has and has[1] then
		there = there + 1
		local ok, why = ask(('SELECT "%s" FROM "%s" LIMIT 1'):format(table.concat(columns, '", "'), name))
		if not ok then stop(says(why, "denied") and 16 or 17, why) end
		local signs = is_mysql and ask([[SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE()
			AND table_name = ? AND collation_name <> 'utf8mb4_bin']], name)
		if signs and signs[1] then stop(15, name .. "." .. signs[1][1]) end
	end
end
connection:rollback()

-- Nothing of this stays: PostgreSQL forgets it all, the others drop the table. Where Prosody has its tables already
-- nothing is made, so that it may be looked at often.
local trial, index = "xmpp_wizard_trial", "xmpp_wizard_trial_index"
local deeds = there == 2 and {} or {
	('CREATE TABLE "%s" ("key" TEXT NOT NULL, "value" TEXT NOT NULL)'):format(trial);
	('CREATE INDEX "%s" ON "%s" ("key"%s)'):format(index, trial, is_mysql and "(20)" or "");
	([[INSERT INTO "%s" VALUES ('a', 'b')]]):format(trial);
	([[UPDATE "%s" SET "value" = 'c']]):format(trial);
	([[DELETE FROM "%s"]]):format(trial);
	('DROP TABLE "%s"'):format(trial);
}
if is_mysql and there < 2 then table.insert(deeds, 1, ('DROP TABLE IF EXISTS "%s"'):format(trial)) end
if there == 2 then
	table.insert(deeds, [[INSERT INTO "prosody" ("host", "user", "store", "key", "type", "value") VALUES ('nobody.invalid', '', '', '', '', '')]])
	for name in pairs(TABLES) do
		table.insert(deeds, ([[DELETE FROM "%s" WHERE "host" = 'nobody.invalid']]):format(name))
	end
end
for _, deed in ipairs(deeds) do
	local ok, why = ask(deed)
	if not ok then stop(16, why) end
end
connection:rollback()
if there == 0 and is_kept == "kept" then stop(18, "no tables of Prosody's") end
