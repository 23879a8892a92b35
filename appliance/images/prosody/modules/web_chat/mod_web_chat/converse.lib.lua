-- Converse.js as it lies in this image: where it is, what a browser may load for it, and what it is told on every page.
local json = require "prosody.util.json";
local lfs = require "lfs";

module:depends "http";
module:depends "websocket";

local FOLDER = "/usr/share/converse";

-- The version of Converse.js that lies in this image, none where it was built without.
local function installed()
	if not lfs.attributes(FOLDER) then
		return nil;
	end
	for name in lfs.dir(FOLDER) do
		if name:find "^%d" then
			return name;
		end
	end
	return nil;
end

local version = installed();
local home = module:http_url("web_chat", "/chat"):gsub("/$", "");
local base = home:gsub("^%a+://[^/]+", "");
local socket = module:http_url("websocket", "/xmpp-websocket"):gsub("^http", "ws");
local assets = base .. "/" .. (version or "none");

-- The domain whose service or side host this is.
local function parent_of(host)
	return module:context(host):get_option_string("parent_host", (host:gsub("^[^%.]+%.", "")));
end

-- The first host that serves a domain's people, wherever it is, and whose modules are as wanted. One below it may be
-- another domain's, which then stands between the two: groups.m.example is no service of example.
local function service(domain, is_wanted)
	local names = {};
	for host in pairs(prosody.hosts) do
		if parent_of(host) == domain then
			table.insert(names, host);
		end
	end
	table.sort(names);
	for _, host in ipairs(names) do
		local modules = prosody.hosts[host].modules;
		if modules and is_wanted(host, modules) then
			return host;
		end
	end
	return nil;
end

-- Where the files of a domain's people lie.
local function uploads(domain)
	local host = service(domain, function (_, modules) return modules.http_file_share; end);
	local url = host and module:context(host):get_option_string("http_external_url");
	return url and url:match "^%a+://[^/]+" or nil;
end

-- Converse.js puts an empty style element into the page for each of its parts (the rules are in its file), half of them
-- with the name of a source map: known by these hashes, they spare the browser's log a hundred complaints.
local EMPTY_STYLES = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' "
	.. "'sha256-JRf3eZJIF59VkE1tlxlBPiCQXjGJ1uE88pEYh49RtTY='";

-- What the browser may load: from this server, and the files that lie at `shared`.
local function policy(shared)
	local also = shared and " " .. shared or "";
	return table.concat({
		"default-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
		"script-src 'self' 'wasm-unsafe-eval'",
		"style-src 'self' " .. EMPTY_STYLES, "style-src-attr 'unsafe-inline'", "font-src 'self'",
		"img-src 'self' data: blob:" .. also,
		"media-src 'self' blob:" .. also,
		"connect-src 'self' " .. socket:match "^%a+://[^/]+" .. also,
	}, "; ");
end

-- What Converse.js is told (https://conversejs.org/docs/html/configuration.html), as JSON for an element of the page;
-- `own` is what the page adds.
local function settings(domain, shared, own)
	local host = shared and shared:match "//([^:]+)" or domain;
	local all = {
		assets_path = assets;
		view_mode = "fullscreen";
		websocket_url = socket;
		discover_connection_methods = false;
		allow_registration = false;
		-- nobody else is asked or shown
		xmpp_providers_url = "";
		autocomplete_providers_url = "";
		embed_3rd_party_media_players = false;
		fetch_url_headers = false;
		allowed_image_domains = { host };
		allowed_audio_domains = { host };
		allowed_video_domains = { host };
		visible_toolbar_buttons = { call = false; clear = true; emoji = true; location = false; spoiler = false };
		loglevel = "warn";
	};
	for name, value in pairs(own) do
		all[name] = value;
	end
	-- "<" could end the element that it stands in
	return (json.encode(all):gsub("<", "\\u003c"));
end

return {
	folder = version and FOLDER .. "/" .. version;
	version = version;
	home = home;
	own = base .. "/page";
	assets = assets;
	icon = assets .. "/images/logo/conversejs-filled.svg";
	parent_of = parent_of;
	service = service;
	uploads = uploads;
	policy = policy;
	settings = settings;
};
