-- The pages where people join: what an invitation leads to, and a form for those who have none.
--   join_pages_invitations = true        /invite and /register, for what mod_invites makes
--   join_pages_form = true               /join, open to all who solve the riddle
--   join_pages_captcha = { … }           see captcha.lib.lua
--   join_pages_color = "#2b6cb0"; join_pages_logo = "/etc/prosody/logo.svg"; join_pages_welcome = "…"
-- They speak the visitor's language (texts.lib.lua), load nothing from others, and run without scripts in the browser;
-- only the QR code for the phone is drawn by one.
local files = require "prosody.net.http.files";
local http = require "prosody.util.http";
local interpolation = require "prosody.util.interpolation";
local lfs = require "lfs";
local promise = require "prosody.util.promise";
local st = require "prosody.util.stanza";

local texts = module:require "texts";
local app_cards = module:require "apps";
local captcha = module:require "captcha";
local account = module:require "account";

local for_invited = module:get_option_boolean("join_pages_invitations", false);
local for_all = module:get_option_boolean("join_pages_form", false);
local color = module:get_option_string("join_pages_color", "#2b6cb0");
local logo = module:get_option_string("join_pages_logo");
local welcome = module:get_option_string("join_pages_welcome", "");
local site_name = module:get_option_string("site_name", module.host);
local riddles = captcha.new(module:get_option("join_pages_captcha", {}));

module:depends "http";
local policy = module:depends "password_policy";
local invites = for_invited and module:depends "invites";
local apps = for_invited and module:depends "register_apps" and module:shared "register_apps/apps" or {};

local render = interpolation.new("%b{}", st.xml_escape);
local render_text = interpolation.new("%b{}", tostring);

local function resource(name)
	local file <close> = assert(module:load_resource(name));
	return file:read "a";
end

local pages = {};
for _, name in ipairs { "frame", "invitation", "setup", "form", "done", "notice" } do
	pages[name] = resource("html/" .. name .. ".html");
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

-- The texts of a language, each with the values in it.
local function spoken(language, values)
	return setmetatable({}, { __index = function (_, key)
		local text = texts[language][key] or texts.en[key];
		return text and render_text(text, values);
	end });
end

local HEADERS = {
	content_type = "text/html; charset=utf-8";
	cache_control = "no-store";
	referrer_policy = "no-referrer";
	x_content_type_options = "nosniff";
	x_frame_options = "DENY";
};

local function policy_for(others)
	return ("default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; img-src 'self' data:; "
		.. "style-src 'self'%s; script-src 'self'%s; frame-src 'self'%s; connect-src 'self'%s")
		:format(others, others, others, others);
end

-- Shows a page to whoever asked; `values` are what it is about.
local function show(event, name, values, status)
	local language = language_of(event.request);
	values.site, values.domain, values.language, values.welcome = site_name, module.host, language, welcome;
	values.static = module:http_url("static", "/join-static"):gsub("/$", "");
	values.logo = logo and values.static .. "/logo" or nil;
	values.text = spoken(language, values);
	values.body = render(pages[name], values);
	local response = event.response;
	response.status_code = status or 200;
	for header, value in pairs(HEADERS) do
		response.headers[header] = value;
	end
	response.headers.content_security_policy = policy_for(name == "form" and values.riddle and riddles.hosts or "");
	response.headers.content_language = language;
	response.headers.vary = "Accept-Language";
	return render(pages.frame, values);
end

local function notice(event, title, status, detail)
	local text = spoken(language_of(event.request), { site = site_name });
	return show(event, "notice", { title = text[title], detail = detail or text[title .. "_detail"] }, status);
end

local function open_invitation(token)
	local invite = invites.get(token);
	return invite and invite.uri and not (invite.additional_data and invite.additional_data.allow_reset) and invite
		or nil;
end

local function show_invitation(event)
	local invite = open_invitation(event.request.url.query);
	if not invite then
		return notice(event, "invitation_gone", 404);
	end
	local here, elsewhere = app_cards.cards(event.request, invite, apps, language_of(event.request));
	local platform = app_cards.platform_of(event.request);
	local is_phone = platform == "Android" or platform == "iOS";
	event.response.headers.link = ("<%s>; rel=\"alternate\""):format(invite.uri);
	return show(event, "invitation", {
		inviter = invite.inviter, is_from_nobody = not invite.inviter, uri = invite.uri, here = here, elsewhere = elsewhere, is_big = not is_phone;
		form = module:http_url("home", "/") .. "register?t=" .. invite.token;
	});
end

local function show_setup(event, app_id)
	local invite = open_invitation(event.request.url.query);
	local app = apps[app_id];
	if not (invite and app) then
		return notice(event, "invitation_gone", 404);
	end
	return show(event, "setup", { app = app_cards.card(app, invite, language_of(event.request)), uri = invite.uri });
end

-- Shows the form; what was typed stays there, but for the password.
local function show_form(event, invite, typed, problem)
	local language = language_of(event.request);
	return show(event, "form", {
		token = invite and invite.token, inviter = invite and invite.inviter, app_id = typed.app_id or typed.c;
		user = typed.user, least = policy.get_policy().length, problem = problem;
		riddle = not invite and { html = riddles.ask(spoken(language, {})) } or nil;
	}, problem and 400 or 200);
end

local function query_of(request)
	return request.url.query and http.formdecode(request.url.query) or {};
end

local function show_register(event)
	local query = query_of(event.request);
	local invite = type(query) == "table" and open_invitation(query.t);
	return invite and show_form(event, invite, query) or notice(event, "invitation_gone", 404);
end

local function show_join(event)
	return show_form(event, nil, {});
end

local function finish(event, typed, invite)
	local language = language_of(event.request);
	local name, problem = account.make(event.request, typed, invite, function (values)
		return spoken(language, values);
	end);
	if not name then
		return show_form(event, invite, typed, problem);
	end
	local app = apps[typed.app_id];
	return show(event, "done", {
		user = name, app = app and { name = app.name, download = app.link }, any = not app;
		chat = module:get_host_items("web-chat")[1];
	});
end

local function typed_in(request)
	local typed = http.formdecode(request.body or "");
	return type(typed) == "table" and typed or {};
end

local function take_register(event)
	local typed = typed_in(event.request);
	local invite = open_invitation(typed.token);
	return invite and finish(event, typed, invite) or notice(event, "invitation_gone", 404);
end

local function take_join(event)
	local typed = typed_in(event.request);
	-- people do not see this field, and those who fill in everything are no people
	if typed.website and typed.website ~= "" then
		return notice(event, "refused", 403, "");
	end
	return promise.resolve(riddles.check(typed, event.request.ip)):next(function (verdict)
		if verdict == "right" then
			return finish(event, typed);
		end
		local text = spoken(language_of(event.request), {});
		return show_form(event, nil, typed, text["riddle_" .. verdict]);
	end);
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

-- scripts of other sites do not get to see the riddle
local NO_OTHERS = { enabled = false };

module:provides("http", {
	name = "static";
	default_path = "/join-static";
	cors = NO_OTHERS;
	route = {
		["GET /logo"] = serve_logo;
		["GET /color.css"] = serve_color;
		["GET /qrcode.js"] = lfs.attributes(QR) and serve_qr or nil;
		["GET /*"] = files.serve({ path = module:get_directory() .. "/static", mime_map = MIME });
	};
});
if for_invited then
	module:provides("http", {
		name = "invite";
		default_path = "/invite";
		cors = NO_OTHERS;
		route = { GET = show_invitation, ["GET /setup/*"] = show_setup };
	});
	module:provides("http", {
		name = "register";
		default_path = "/register";
		cors = NO_OTHERS;
		route = { GET = show_register, POST = take_register };
	});
end
if for_all then
	module:provides("http", {
		name = "join";
		default_path = "/join";
		cors = NO_OTHERS;
		route = { GET = show_join, POST = take_join };
	});
end
