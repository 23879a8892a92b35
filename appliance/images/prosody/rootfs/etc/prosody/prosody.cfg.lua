-- The stand-alone configuration: all of it comes from environment variables.
-- docs/image.md has the table. To write your own instead, mount it over this file.
local env = Lua.dofile("/usr/local/share/prosody/environment.lua")
local community = Lua.dofile("/usr/lib/prosody/community/index.lua")
local exists = Lua.require("lfs").attributes
local ipairs, pairs = Lua.ipairs, Lua.pairs
local PRIVATE_CERTIFICATES = "/run/prosody/private/certificates"
local SECONDS_PER_DAY = 24 * 60 * 60
local MIB, GIB = 1024 * 1024, 1024 * 1024 * 1024

---------------------------------------------------------------- process
pidfile = "/run/prosody/prosody.pid"
data_path = "/var/lib/prosody"
prosodyctl_service_warnings = false
log = { [env.choice("PROSODY_LOGLEVEL", { debug = "debug", info = "info", warn = "warn", error = "error" }, "info")] = "*console" }
local provider = env.text("PROSODY_STATISTICS", "none")
statistics = not env.is_false(provider) and provider ~= "none" and provider or nil
local interval = env.text("PROSODY_STATISTICS_INTERVAL")
statistics_interval = Lua.tonumber(interval) or interval

---------------------------------------------------------------- hosts
-- with several virtual hosts the network's name is the first one's
local virtual_hosts = env.list("PROSODY_VIRTUAL_HOSTS")
	or { env.text("DOMAIN") or Lua.require("prosody.util.pposix").uname().nodename }
local network_hostname = env.text("PROSODY_NETWORK_HOSTNAME", virtual_hosts[1])
http_host = network_hostname
proxy65_address = network_hostname

---------------------------------------------------------------- network
-- interfaces = nil means all; "component" and plain "http" are on loopback unless they are given addresses
interfaces = env.list("PROSODY_INTERFACES")
component_interfaces = env.list("PROSODY_COMPONENT_INTERFACES")
http_interfaces = env.list("PROSODY_HTTP_INTERFACES")
http_external_url = env.text("PROSODY_HTTP_EXTERNAL_URL")
trusted_proxies = env.list("PROSODY_TRUSTED_PROXIES", { "127.0.0.1", "::1" })
-- the default of 4096 holds uploads at 5 MB/s
network_default_read_size = 65536
-- by default each piece of an upload that TLS still holds waits a millisecond
network_settings = { min_wait = 0 }
use_dane = env.boolean("PROSODY_USE_DANE", false)
local resolvers = env.list("PROSODY_DNS_RESOLVERS")
unbound = {
	resolvconf = not resolvers;
	forward = resolvers;
	hoststxt = false;
	trustfile = use_dane and "/usr/share/dns/root.key" or nil;
}
limits = {
	c2s = { rate = env.text("PROSODY_C2S_RATE_LIMIT", "10kb/s") };
	s2sin = { rate = env.text("PROSODY_S2S_RATE_LIMIT", "30kb/s") };
}
s2s_secure_auth = env.boolean("PROSODY_S2S_SECURE_AUTH", true)
local certificate_folder = exists(PRIVATE_CERTIFICATES) and PRIVATE_CERTIFICATES or env.text("PROSODY_CERTIFICATES", "certs")
certificates = certificate_folder

---------------------------------------------------------------- accounts
admins = env.list("PROSODY_ADMINS", {})
authentication = "internal_hashed"
allow_registration = env.boolean("PROSODY_ALLOW_REGISTRATION", false)

---------------------------------------------------------------- storage
local drivers = { sqlite3 = "SQLite3", sqlite = "SQLite3", postgresql = "PostgreSQL", mysql = "MySQL", mariadb = "MySQL" }
local driver = env.choice("PROSODY_SQL_DRIVER", drivers)
storage = env.text("PROSODY_STORAGE", "internal")
local connection = {
	driver = driver;
	database = env.text("PROSODY_SQL_DB", driver == "SQLite3" and "prosody.sqlite" or "prosody");
	host = env.text("PROSODY_SQL_HOST");
	port = env.integer("PROSODY_SQL_PORT");
	username = env.text("PROSODY_SQL_USERNAME");
	password = env.secret("PROSODY_SQL_PASSWORD");
}
if driver then
	storage = "sql"
	sql = connection
	-- a log that is written ahead: one write for each change instead of four that wait for the disk
	sqlite_tune = driver == "SQLite3" and "normal" or nil
end

---------------------------------------------------------------- history
local retention_days = env.number("PROSODY_RETENTION_DAYS")
local archive_days = env.number("PROSODY_ARCHIVE_EXPIRY_DAYS", retention_days)
local upload_days = env.number("PROSODY_UPLOAD_EXPIRY_DAYS", retention_days or 7)
archive_expires_after = (archive_days or 7) * SECONDS_PER_DAY

---------------------------------------------------------------- modules
local modules = {
	"disco"; "roster"; "saslauth"; "tls";
	"blocklist"; "bookmarks"; "carbons"; "dialback"; "limits"; "pep"; "private"; "smacks"; "vcard4"; "vcard_legacy";
	"csi_simple"; "invites"; "invites_adhoc"; "invites_register"; "ping"; "register"; "time"; "uptime"; "version";
	"admin_adhoc"; "admin_shell";
}
local function enable(names)
	for _, name in ipairs(names) do
		modules[#modules + 1] = name
	end
end
enable(env.list("PROSODY_ENABLE_MODULES", {}))
if archive_days then
	enable { "mam" }
end

local turn_secret = env.secret("PROSODY_TURN_SECRET")
local turn_host = env.text("PROSODY_TURN_HOST", network_hostname)
local turn_port = env.integer("PROSODY_TURN_PORT")
local turn_tls_port = env.integer("PROSODY_TURN_TLS_PORT")
if turn_secret then
	enable { "turn_external" }
	turn_external_secret = turn_secret
	turn_external_host = turn_host
	turn_external_port = turn_port
	if turn_tls_port then
		-- turn_external_tls_port would be offered without user name and password
		external_services = {
			{ type = "turns"; transport = "tcp"; host = turn_host; port = turn_tls_port;
				secret = turn_secret; ttl = 86400; algorithm = "turn" };
		}
	end
end
modules_enabled = modules
modules_disabled = env.list("PROSODY_DISABLE_MODULES", {})

---------------------------------------------------------------- virtual hosts and the first account
local first_user, first_domain, first_password = env.text("LOCAL"), env.text("DOMAIN"), env.secret("PASSWORD")
if first_user and not (first_domain and first_password) then
	env.warn("LOCAL=%s without DOMAIN and PASSWORD makes no account", first_user)
end
local is_first_account_placed = not (first_user and first_domain and first_password)
for _, host in ipairs(virtual_hosts) do
	local options = {}
	if not is_first_account_placed and host:lower() == first_domain:lower() then
		is_first_account_placed = true
		options.modules_enabled = { "first_account" }
		options.first_account = { username = first_user, password = first_password }
	end
	VirtualHost (host) (options)
end
if not is_first_account_placed then
	env.warn("DOMAIN=%s is none of PROSODY_VIRTUAL_HOSTS: its account is not made", first_domain)
end

---------------------------------------------------------------- components
-- 16 bytes more than the limit are room for the tag of an encrypted file
local upload_limit, upload_storage = env.number("PROSODY_UPLOAD_LIMIT_MB"), env.number("PROSODY_UPLOAD_STORAGE_GB")
local special = {
	muc = { modules_enabled = env.list("PROSODY_MUC_MODULES") };
	http_file_share = {
		http_file_share_expires_after = upload_days * SECONDS_PER_DAY;
		http_file_share_size_limit = upload_limit and Lua.math.floor(upload_limit * MIB) + 16;
		http_file_share_global_quota = upload_storage and Lua.math.floor(upload_storage * GIB);
		http_paths = { file_share = "/share" };
	};
}
for _, component in ipairs(env.pairs_of("PROSODY_COMPONENTS", env.text("PROSODY_COMPONENTS"))) do
	local name, kind = component[1], component[2]
	if kind then
		Component (name) (kind) (special[kind] or {})
	else
		env.mistake("PROSODY_COMPONENTS: '%s' lacks its type, as in %s:muc", name, name)
	end
end
local common_secret = env.secret("PROSODY_COMPONENT_SECRET")
for _, component in ipairs(env.pairs_of("PROSODY_EXTERNAL_COMPONENTS", env.secret("PROSODY_EXTERNAL_COMPONENTS"))) do
	local name, secret = component[1], component[2] or common_secret
	if secret then
		Component (name) { component_secret = secret }
	else
		env.mistake("PROSODY_EXTERNAL_COMPONENTS: '%s' has no secret, and there is no PROSODY_COMPONENT_SECRET", name)
	end
end

---------------------------------------------------------------- more configuration
local function include_folder(folder)
	for _, file in ipairs(env.files(folder)) do
		if file:match("%.cfg%.lua$") then
			Include (folder .. "/" .. file)
		end
	end
end
local extra_config = env.text("PROSODY_EXTRA_CONFIG")
local plugin_folders = env.list("PROSODY_PLUGIN_PATHS", { "/etc/prosody/modules" })
if extra_config then
	Include (extra_config)
else
	include_folder("/etc/prosody/conf.d")
end
include_folder("/entrypoint.d")
env.finish()
if #env.files((certificate_folder:gsub("^([^/])", "/etc/prosody/%1"))) == 0 then
	env.warn("no certificates in %s: without TLS nobody can log in", certificate_folder)
end

---------------------------------------------------------------- community modules
-- Prosody does not search their folder: whichever is named anywhere above, and what it needs, gets its own path.
local all_hosts = modules_enabled.config_table
local needed = {}
local function need(name)
	if community[name] then
		needed[name] = true
		for _, other in ipairs(community[name]) do
			needed[other] = true
		end
	end
end
for _, options in pairs(all_hosts) do
	need(options.component_module)
	for _, name in ipairs(Lua.rawget(options, "modules_enabled") or {}) do
		need(name)
	end
end
local names = {}
for name in pairs(needed) do
	names[#names + 1] = name
end
Lua.table.sort(names)
for _, name in ipairs(names) do
	plugin_folders[#plugin_folders + 1] = "/usr/lib/prosody/community/" .. name
end
plugin_paths = plugin_folders
