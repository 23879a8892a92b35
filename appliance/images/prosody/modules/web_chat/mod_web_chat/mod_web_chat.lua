-- Chat in the browser at /chat: Converse.js out of this image, for people of this host alone.
-- Nothing is loaded from anybody else, which the page's own policy (CSP) makes the browser see to. It looks like the
-- pages of mod_join_pages, whose color and picture it shows:
--   join_pages_color = "#2b6cb0"; join_pages_logo = "/etc/prosody/logo.svg"; site_name = "…"
local interpolation = require "prosody.util.interpolation";
local json = require "prosody.util.json";
local lfs = require "lfs";
local st = require "prosody.util.stanza";

local files = module:require "files";
local texts = module:require "texts";

local CONVERSE = "/usr/share/converse";

local site_name = module:get_option_string("site_name", module.host);
local has_form = module:get_option_boolean("join_pages_form", false);
local logo = module:get_option_string("join_pages_logo");

module:depends "http";
module:depends "websocket";
module:depends "join_pages";

local render = interpolation.new("%b{}", st.xml_escape);

local function resource(name)
	local file <close> = assert(module:load_resource(name));
	return file:read "a";
end

local page = resource "html/page.html";

-- The version of Converse.js that lies in this image, none where it was built without.
local function installed()
	if not lfs.attributes(CONVERSE) then
		return nil;
	end
	for name in lfs.dir(CONVERSE) do
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

-- The hosts that serve this host's people, wherever they are. One below it may be another domain's, which then stands
-- between the two: groups.m.example is no service of example.
local function our_services()
	local names = {};
	for host in pairs(prosody.hosts) do
		if module:context(host):get_option_string("parent_host", (host:gsub("^[^%.]+%.", ""))) == module.host then
			table.insert(names, host);
		end
	end
	table.sort(names);
	return names;
end

-- The first of these whose modules are as wanted.
local function service(is_wanted)
	for _, host in ipairs(our_services()) do
		local session = prosody.hosts[host];
		if session and session.modules and is_wanted(host, session.modules) then
			return host;
		end
	end
	return nil;
end

local function uploads()
	local host = service(function (_, modules) return modules.http_file_share; end);
	local url = host and module:context(host):get_option_string("http_external_url");
	return url and url:match "^%a+://[^/]+" or nil;
end

local function private_rooms(host, modules)
	return modules.muc and module:context(host):get_option_boolean("muc_room_default_members_only", false);
end

-- Converse.js puts an empty style element into the page for each of its parts (the rules are in its file), half of them
-- with the name of a source map: known by these hashes, they spare the browser's log a hundred complaints.
local EMPTY_STYLES = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' "
	.. "'sha256-JRf3eZJIF59VkE1tlxlBPiCQXjGJ1uE88pEYh49RtTY='";

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

-- What Converse.js is told (https://conversejs.org/docs/html/configuration.html).
local function settings(shared)
	return {
		assets_path = base .. "/" .. version;
		view_mode = "fullscreen";
		websocket_url = socket;
		discover_connection_methods = false;
		locked_domain = module.host;
		allow_registration = false;
		muc_domain = service(private_rooms) or service(function (_, modules) return modules.muc; end);
		muc_search_service = service(function (_, modules) return modules.room_search; end) or false;
		message_archiving = "always";
		-- nobody else is asked or shown
		xmpp_providers_url = "";
		autocomplete_providers_url = "";
		embed_3rd_party_media_players = false;
		fetch_url_headers = false;
		allowed_image_domains = { shared and shared:match "//([^:]+)" or module.host };
		allowed_audio_domains = { shared and shared:match "//([^:]+)" or module.host };
		allowed_video_domains = { shared and shared:match "//([^:]+)" or module.host };
		visible_toolbar_buttons = { call = false; clear = true; emoji = true; location = false; spoiler = false };
		notification_icon = logo and module:http_url("static", "/join-static") .. "/logo" or nil;
		loglevel = "warn";
	};
end

-- The first known language that the browser asks for.
local function language_of(request)
	local wanted = (request.headers.accept_language or ""):lower();
	for code in wanted:gmatch "%f[%a](%a%a)[%w-]*" do
		if texts[code] then
			return code;
		end
	end
	return "en";
end

local HEADERS = {
	content_type = "text/html; charset=utf-8";
	cache_control = "no-store";
	cross_origin_opener_policy = "same-origin";
	permissions_policy = "camera=(), geolocation=(), microphone=()";
	referrer_policy = "no-referrer";
	vary = "Accept-Language";
	x_content_type_options = "nosniff";
	x_frame_options = "DENY";
};

local function show(event)
	if not version then
		return 404;
	end
	local language, shared = language_of(event.request), uploads();
	for header, value in pairs(HEADERS) do
		event.response.headers[header] = value;
	end
	event.response.headers.content_security_policy = policy(shared);
	event.response.headers.content_language = language;
	local static = module:http_url("static", "/join-static"):gsub("/$", "");
	return render(page, {
		home = home, site = site_name, language = language, text = texts[language];
		static = static, logo = logo and static .. "/logo" or nil;
		icon = logo and static .. "/logo" or base .. "/" .. version .. "/images/logo/conversejs-filled.svg";
		own = base .. "/page", assets = base .. "/" .. version;
		form = has_form and module:http_url("join", "/join"):gsub("/$", "") or nil;
		-- "<" could end the element that it stands in
		settings = (json.encode(settings(shared)):gsub("<", "\\u003c"));
	});
end

if version then
	module:add_item("web-chat", home);
else
	module:log("info", "This image was built without web chat");
end

module:provides("http", {
	name = "web_chat";
	default_path = "/chat";
	-- the pages of others get nothing of it to see
	cors = { enabled = false };
	route = {
		GET = show;
		["GET /"] = show;
		["GET /page/*"] = files.serve(module:get_directory() .. "/static", "no-cache");
		["GET /" .. (version or "none") .. "/*"] = version
			and files.serve(CONVERSE .. "/" .. version, "public, max-age=31536000, immutable")
			or nil;
	};
});
