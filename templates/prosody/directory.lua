-- Run before the server is, with the answers as arguments: can the directory be used? Exit status 11: not reached;
-- 12: the server's own name or password is refused; 13: nobody is found in the place.
local url, starttls, name, password_file, base, filter, attribute = ...
local lualdap = require "lualdap"

local function stop(status, reason)
	print(tostring(reason))
	os.exit(status)
end

local password = ""
if password_file ~= "" then
	local file = assert(io.open(password_file))
	password = file:read("l") or ""
	file:close()
end
local session, problem = lualdap.open_simple(url, name, password, starttls == "yes")
if not session then
	local is_refused = problem:find("credentials", 1, true) or problem:find("DN syntax", 1, true)
	stop(is_refused and 12 or 11, problem)
end
local ok, found, why = pcall(function ()
	local query = { base = base, scope = "subtree", attrs = { attribute }, sizelimit = 1 }
	query.filter = ("(&%s(%s=*))"):format(filter, attribute)
	return assert(session:search(query))()
end)
if not ok or not found then stop(13, why or found or "nothing there") end
