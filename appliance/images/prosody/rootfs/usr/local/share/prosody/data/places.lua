-- What a configuration of Prosody says about where data lie: opened as the server itself opens them, and listed.
-- One process has one configuration; of a second one only the names of its places can be asked (`other_places`).
CFG_SOURCEDIR, CFG_CONFIGDIR = "/usr/lib/prosody", "/etc/prosody";
CFG_PLUGINDIR, CFG_DATADIR = "/usr/lib/prosody/modules/", "/var/lib/prosody";
package.path = CFG_SOURCEDIR .. "/?.lua;" .. package.path;
package.cpath = CFG_SOURCEDIR .. "/?.so;" .. package.cpath;
if not pcall(require, "prosody.loader") then require "loader"; end

local lfs = require "lfs";
local LIMIT = 10000; -- archived items that plain files keep, unless the configuration says otherwise

local places = {};
local config, storages, modules, datamanager;

-- Starts as much of Prosody as storage needs. What it logs as an error is passed on; all else stays silent.
function places.start(config_file)
	local startup, words = require "prosody.util.startup", arg;
	arg = { "--config", config_file };
	startup.parse_args({ short_params = {}, value_params = { config = true } });
	arg = words;
	startup.init_global_state();
	prosody.process_type = "prosodyctl";
	startup.read_config();
	require "prosody.util.logger".add_simple_sink(function (name, level, message, ...)
		if level == "error" then
			io.stderr:write(name, ": ", (select("#", ...) > 0 and message:format(...) or message):gsub("%s+", " "), "\n");
		end
	end);
	for _, step in ipairs { "init_gc", "init_errors", "setup_plugindir", "setup_datadir", "chdir", "load_libraries" } do
		startup[step]();
	end
	prosody.core_post_stanza = function () error("nothing is sent from here", 0); end
	config = require "prosody.core.configmanager";
	storages = require "prosody.core.storagemanager";
	modules = require "prosody.core.modulemanager";
	datamanager = storages.olddm;
end

-- Each host has events of its own: with shared ones, one host would get the driver of another.
local function host_of(name)
	if not prosody.hosts[name] then
		prosody.hosts[name] = {
			host = name, type = "local", modules = {}, sessions = {}, events = require "prosody.util.events".new();
			users = require "prosody.core.usermanager".new_null_provider(name);
		};
		storages.initialize_host(name);
	end
	return name;
end

local function driver_name(settings, host, store)
	local storage = settings.get(host, "storage");
	local name = type(storage) == "table" and storage[store] or type(storage) == "string" and storage;
	return name or settings.get(host, "default_storage") or "internal";
end

local function database(params)
	if params.driver == "SQLite3" then
		return require "prosody.util.paths".resolve_relative_path(prosody.paths.data, params.database or "prosody.sqlite");
	end
	return params.database;
end

local function sql_place(params)
	return table.concat({ "sql", params.driver or "", params.host or "", params.port or "", database(params) or "" }, "|");
end

local function place_in(settings, host, store)
	local name = driver_name(settings, host, store);
	if name == "sql" then
		return sql_place(settings.get(host, "sql") or { driver = "SQLite3" }), name;
	end
	return name, name;
end

-- A name for where the data of a store lie: the same for two configurations if they mean the same data.
function places.place(host, store)
	return place_in(config, host, store);
end

local function add_names(settings, hosts, stores)
	for host in pairs(settings.getconfig()) do
		local storage = settings.get(host, "storage");
		hosts[host] = true;
		for store in pairs(type(storage) == "table" and storage or {}) do
			stores[store] = true;
		end
	end
end

-- Says of a place whether this configuration keeps anything there that the other one keeps elsewhere.
local function concern(other)
	local hosts, stores = { ["*"] = true }, { [""] = true };
	add_names(config, hosts, stores);
	add_names(other, hosts, stores);
	return function (place)
		for host in pairs(hosts) do
			for store in pairs(stores) do
				if places.place(host, store) == place and place_in(other, host, store) ~= place then
					return true;
				end
			end
		end
		return false;
	end
end

-- Returns the same function for another configuration, which is only read, and one that says which places matter.
function places.other_places(config_file)
	package.loaded["prosody.core.configmanager"] = nil;
	local other = require "prosody.core.configmanager";
	package.loaded["prosody.core.configmanager"] = config;
	local ok, _, problem = other.load(config_file);
	assert(ok, problem);
	return function (host, store) return place_in(other, host, store); end, concern(other);
end

function places.archive_limit(host)
	return config.get(host, "storage_archive_item_limit") or LIMIT;
end

-- Opens a store as modules of Prosody do. kind: "keyval" or "archive".
function places.open(host, store, kind)
	local opened, problem = storages.open(host_of(host), store, kind);
	local _, name = storages.get_driver(host, store);
	assert(opened and name ~= "null", ("%s of %s cannot be opened: %s"):format(store, host, problem or "see above"));
	return opened;
end

-- Returns a storage driver that is not the one of the configuration.
function places.driver(host, name)
	return assert(storages.load_driver(host_of(host), name), "storage_" .. name .. " cannot be loaded");
end

function places.files()
	return datamanager;
end

-- Returns the connection behind a place, once some store of it was opened.
function places.engine(place)
	for name in pairs(prosody.hosts) do
		local module = modules.get_module(name, "storage_sql");
		for _, engine in pairs(module and module.module:shared("/*/sql/connections") or {}) do
			if sql_place(engine.params) == place then
				return engine;
			end
		end
	end
end

local function list_database(place, host, add)
	storages.get_driver(host_of(host), "accounts");
	assert(modules.get_module(host, "storage_sql"), "the database cannot be reached");
	local engine = assert(places.engine(place), "the database cannot be reached");
	for kind, name in pairs { keyval = "prosody", archive = "prosodyarchive" } do
		local ok, problem = engine:transaction(function ()
			local query = [[SELECT "host", "user", "store", COUNT(*), SUM(LENGTH("value")) FROM "%s" GROUP BY "host", "user", "store"]];
			for row in engine:select(query:format(name)) do
				add(row[1], row[2], row[3], kind, tonumber(row[4]), tonumber(row[5]));
			end
		end);
		assert(ok, problem);
	end
end

local function decode(text)
	return (text:gsub("%%(%x%x)", function (digits) return string.char(tonumber(digits, 16)); end));
end

-- Yields the name of each folder that has the plain files of a host.
local function host_folders()
	return coroutine.wrap(function ()
		for name in lfs.dir(prosody.paths.data) do
			local is_host = name:match("%%2e") or rawget(config.getconfig(), decode(name));
			if is_host and lfs.attributes(prosody.paths.data .. "/" .. name, "mode") == "directory" then
				coroutine.yield(name);
			end
		end
	end);
end

-- Counts the items of a list as it is. Prosody's own way would write an index beside it, which is wrong for good where
-- the running server adds an item meanwhile.
local function items_in(path)
	local count = 0;
	for line in io.lines(path) do
		if line:sub(1, 5) == "item(" then count = count + 1; end
	end
	return count;
end

local KINDS = { dat = "keyval", list = "archive" };

local function list_files(_, _, add)
	local data = prosody.paths.data;
	local function look(folder, host, store)
		for name in lfs.dir(folder) do
			local path = folder .. "/" .. name;
			local mode, size = lfs.attributes(path, "mode"), lfs.attributes(path, "size");
			local base, ending = name:match("^(.*)%.(%a+)$");
			local kind = mode == "file" and KINDS[ending];
			if kind then
				local user, of = store and decode(base) or "", store or decode(base);
				add(host, user, of, kind, kind == "archive" and items_in(path) or 1, size);
			elseif mode == "directory" and not store and name:sub(1, 1) ~= "." then
				look(path, host, decode(name));
			end
		end
	end
	for name in host_folders() do
		look(data .. "/" .. name, decode(name));
	end
end

-- Calls `add` with each of the plain files that are there, in use or not.
function places.files_of(add)
	list_files(nil, nil, add);
end

-- Removes the folders of plain files that have nothing in them any more.
function places.remove_empty_folders()
	for host in host_folders() do
		local folder = prosody.paths.data .. "/" .. host;
		for name in lfs.dir(folder) do
			if name:sub(1, 1) ~= "." then lfs.rmdir(folder .. "/" .. name); end -- which takes only what is empty
		end
		lfs.rmdir(folder);
	end
end

local LISTERS = { sql = list_database, internal = list_files };
local PASSING = { memory = true, null = true }; -- drivers that keep nothing

-- Returns {place = {host, driver}} of all that the configuration names.
local function named_places()
	local found = {};
	for host in pairs(config.getconfig()) do
		local storage = config.get(host, "storage");
		local stores = { "" };
		for store in pairs(type(storage) == "table" and storage or {}) do
			stores[#stores + 1] = store;
		end
		for _, store in ipairs(host ~= "*" and stores or {}) do
			local place, driver = places.place(host, store);
			found[place] = { host, driver };
		end
	end
	return found;
end

local function key_of(entry)
	return table.concat({ entry.host, entry.user, entry.store, entry.kind }, "\0");
end

-- Returns all that is kept, sorted: {host, user ("" for the host's own), store, kind, place, count, bytes}.
-- Also of hosts that are no longer served, but nothing that the configuration would not find. Places that do not
-- matter are not even opened: two processes that open one SQLite file at once may lock each other out.
function places.list(matters)
	local found = {};
	for place, named in pairs(named_places()) do
		local lister = LISTERS[named[2]];
		assert(lister or PASSING[named[2]], "nobody knows how to list what is kept by storage_" .. named[2]);
		if lister and (not matters or matters(place)) then
			lister(place, named[1], function (host, user, store, kind, count, bytes)
				if places.place(host, store) == place then
					found[#found + 1] = {
						host = host, user = user, store = store, kind = kind, place = place, count = count, bytes = bytes or 0;
					};
				end
			end);
		end
	end
	for _, entry in ipairs(found) do
		entry.key = key_of(entry);
	end
	table.sort(found, function (one, other) return one.key < other.key; end);
	return found;
end

return places;
