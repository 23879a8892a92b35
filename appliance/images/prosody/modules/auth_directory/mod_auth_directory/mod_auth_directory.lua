-- Log-in by an LDAP directory: the server finds the person's entry, then tries to be that person with the password.
-- Beside Prosody's own mod_auth_ldap: every wait ends soon, a directory that is away is not asked at each log-in,
-- people can be listed, and a group's members are admins.
local pposix = require "prosody.util.pposix";
local new_sasl = require "prosody.util.sasl".new;
local new_cache = require "prosody.util.cache".new;
local monotonic = require "prosody.util.time".monotonic;
local usermanager = require "prosody.core.usermanager";

local url = module:get_option_string("directory_url");
local starttls = module:get_option_boolean("directory_starttls");
local roots = module:get_option_string("directory_roots");
local base = module:get_option_string("directory_base");
local reader = module:get_option_string("directory_name", "");
local reader_password = module:get_option_string("directory_password", "");
local attribute = module:get_option_string("directory_attribute", "uid");
local people_filter = module:get_option_string("directory_filter", "(objectClass=*)");
local admin_group = module:get_option_string("directory_admin_group");

-- libldap reads these once, before its first connection; asking holds the whole server up, so it must not take long
pposix.setenv("LDAPNETWORK_TIMEOUT", "3");
pposix.setenv("LDAPTIMEOUT", "3");
if roots then pposix.setenv("LDAPTLS_CACERT", roots); end
local lualdap = require "lualdap";

local PAUSE = 10; -- seconds without a question after one that failed
local ROLE_SECONDS = 60; -- so long who is an admin is remembered
local silent_until = 0;
local connection;

local function connect(name, password)
	return lualdap.open_simple(url, name, password, starttls);
end

local function escaped(text)
	return (text:gsub("[*()\\%z]", function (sign) return ("\\%02x"):format(sign:byte()); end));
end

-- Returns the entries (dn, attributes) that were found, or nil and why they could not be asked for.
local function search_once(query)
	if not connection then
		local problem;
		connection, problem = connect(reader, reader_password);
		if not connection then return nil, problem; end
	end
	local found = {};
	local ok, problem = pcall(function ()
		local next_entry = assert(connection:search(query));
		while true do
			local dn, attributes = next_entry();
			-- at the end the second value is why it ended, if not because there is no more
			if not dn then return assert(not attributes, attributes); end
			found[#found + 1] = { dn = dn, attributes = attributes };
		end
	end);
	if ok then return found; end
	pcall(connection.close, connection);
	connection = nil;
	return nil, problem;
end

local function search(query)
	if monotonic() < silent_until then return nil, "the directory did not answer a moment ago"; end
	local had_connection = connection ~= nil;
	local found, problem = search_once(query);
	-- directories close connections that are idle
	if not found and had_connection then found, problem = search_once(query); end
	if not found then
		silent_until = monotonic() + PAUSE;
		module:log("error", "The directory could not be asked: %s", problem);
	end
	return found, problem;
end

local function entry_of(username)
	local found, problem = search {
		base = base, scope = "subtree", attrs = { attribute },
		filter = ("(&%s(%s=%s))"):format(people_filter, attribute, escaped(username)),
	};
	if not found then return nil, problem; end
	if #found > 1 then
		module:log("error", "The directory has %d entries for %s: nobody can log in by that name", #found, username);
		return nil;
	end
	return found[1];
end

local function test_password(username, password)
	-- with an empty password directories let anybody in, as nobody
	if password == "" then return nil; end
	local entry, problem = entry_of(username);
	if not entry then return nil, problem; end
	local session = connect(entry.dn, password);
	if not session then return nil; end
	pcall(session.close, session);
	return true;
end

local provider = {};

function provider.test_password(username, password)
	return test_password(username, password);
end

function provider.user_exists(username)
	return not not entry_of(username);
end

function provider.users()
	local found = search {
		base = base, scope = "subtree", attrs = { attribute },
		filter = ("(&%s(%s=*))"):format(people_filter, attribute),
	} or {};
	local at = 0;
	return function ()
		at = at + 1;
		local value = found[at] and found[at].attributes[attribute];
		return type(value) == "table" and value[1] or value;
	end;
end

function provider.create_user()
	return nil, "Accounts are made in the directory.";
end

function provider.set_password()
	return nil, "Passwords are changed in the directory.";
end

function provider.delete_user()
	return nil, "Accounts are deleted in the directory.";
end

function provider.get_sasl_handler()
	return new_sasl(module.host, {
		plain_test = function (_, username, password)
			local is_right, problem = test_password(username, password);
			if problem then return nil, nil; end
			return is_right or false, true;
		end
	});
end

module:provides("auth", provider);

-- Members of the group are admins, in the server and its services.
local known = new_cache(1000);

local function is_admin(username)
	local had = known:get(username);
	if had and monotonic() < had.until_ then return had.is_admin; end
	local entry = entry_of(username);
	local found = entry and search {
		base = admin_group, scope = "base", attrs = { "cn" },
		filter = ("(|(member=%s)(uniqueMember=%s)(memberUid=%s))")
			:format(escaped(entry.dn), escaped(entry.dn), escaped(username)),
	};
	local result = found ~= nil and found ~= false and #found > 0;
	known:set(username, { is_admin = result, until_ = monotonic() + ROLE_SECONDS });
	return result;
end

local function give_roles()
	local authz = prosody.hosts[module.host].authz;
	local role_of = authz.get_user_role;
	function authz.get_user_role(username)
		if is_admin(username) then return usermanager.get_role_by_name("prosody:admin", module.host); end
		return role_of(username);
	end
end

if admin_group then
	-- Prosody loads who gives roles before who checks passwords
	give_roles();
end

function module.unload()
	if connection then pcall(connection.close, connection); end
end
