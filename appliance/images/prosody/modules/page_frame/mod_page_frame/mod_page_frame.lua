-- What all pages of this server have in common: the visitor's language, the look, the headers that keep others out, and
-- the frame around what a page says. Other modules ask it by `module:depends "page_frame"`.
--   join_pages_color = "#2b6cb0"; join_pages_logo = "/etc/prosody/logo.svg"; site_name = "…"
-- luacheck: globals render language_of spoken look prepare framed
local files = require "prosody.net.http.files";
local interpolation = require "prosody.util.interpolation";
local lfs = require "lfs";
local st = require "prosody.util.stanza";

local color = module:get_option_string("join_pages_color", "#2b6cb0");
local logo = module:get_option_string("join_pages_logo");
local site_name = module:get_option_string("site_name", module.host);

module:depends "http";

local render_text = interpolation.new("%b{}", tostring);

-- Fills in a template; values become HTML, but those named with "!".
render = interpolation.new("%b{}", st.xml_escape);

-- The first language of `texts` that the browser asks for.
function language_of(request, texts)
	local wanted = (request.headers.accept_language or ""):lower();
	for code in wanted:gmatch "%f[%a](%a%a)[%w-]*" do
		if texts[code] then
			return code;
		end
	end
	return "en";
end

-- The texts of a language, each with the values in it; English ones where the language lacks them.
function spoken(texts, language, values)
	return setmetatable({}, { __index = function (_, key)
		local text = texts[language][key] or texts.en[key];
		return text and render_text(text, values);
	end });
end

-- Returns the values of the server's look for templates.
function look()
	local static = module:http_url("static", "/look"):gsub("/$", "");
	return { site = site_name, static = static, logo = logo and static .. "/logo" or nil };
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

-- Puts the headers of a page into the answer; `policy` (CSP) says what the browser may load for it.
function prepare(response, language, policy)
	for header, value in pairs(HEADERS) do
		response.headers[header] = value;
	end
	response.headers.content_security_policy = policy;
	response.headers.content_language = language;
end

local function resource(name)
	local file <close> = assert(module:load_resource(name));
	return file:read "a";
end

local frame = resource "html/frame.html";

-- Returns the page around `values.body`, with `values.head` before the end of its head, both HTML.
function framed(language, values)
	local all = look();
	all.head = "";
	for name, value in pairs(values) do
		all[name] = value;
	end
	all.language = language;
	return render(frame, all);
end

local MIME = { css = "text/css; charset=utf-8", js = "text/javascript; charset=utf-8" };
local LOGO_MIME = { svg = "image/svg+xml", png = "image/png", jpg = "image/jpeg", webp = "image/webp" };

local function serve_logo(event)
	local file = logo and io.open(logo, "rb");
	if not file then
		return 404;
	end
	event.response.headers.content_type = LOGO_MIME[logo:match "%.(%w+)$"] or "application/octet-stream";
	event.response.headers.content_security_policy = "default-src 'none'; style-src 'unsafe-inline'";
	local data = file:read "a";
	file:close();
	return data;
end

local function serve_color(event)
	event.response.headers.content_type = MIME.css;
	return (":root { --color: %s }\n"):format(color);
end

-- Debian's copy, which comes with the module that draws codes for apps
local QR = module:get_directory() .. "/../../invites_page/mod_invites_page/static/qrcode.min.js";

local function serve_qr(event)
	local file <close> = assert(io.open(QR, "rb"));
	event.response.headers.content_type = MIME.js;
	return file:read "a";
end

module:provides("http", {
	name = "static";
	default_path = "/look";
	-- the pages of others get nothing of it to see
	cors = { enabled = false };
	route = {
		["GET /logo"] = serve_logo;
		["GET /color.css"] = serve_color;
		["GET /qrcode.js"] = lfs.attributes(QR) and serve_qr or nil;
		["GET /*"] = files.serve({ path = module:get_directory() .. "/static", mime_map = MIME });
	};
});
