-- The pages where people join: what an invitation leads to, and a form for those who have none.
--   join_pages_invitations = true        /invite and /register, for what mod_invites makes
--   join_pages_form = true               /join, open to all who solve the riddle
--   join_pages_captcha = { … }           see captcha.lib.lua
--   join_pages_welcome = "…"            the rest of their look is that of mod_page_frame
-- They speak the visitor's language (texts.lib.lua), load nothing from others, and run without scripts in the browser;
-- only the QR code for the phone is drawn by one.
local http = require "prosody.util.http";
local promise = require "prosody.util.promise";

local texts = module:require "texts";
local app_cards = module:require "apps";
local captcha = module:require "captcha";
local account = module:require "account";

local for_invited = module:get_option_boolean("join_pages_invitations", false);
local for_all = module:get_option_boolean("join_pages_form", false);
local welcome = module:get_option_string("join_pages_welcome", "");
local riddles = captcha.new(module:get_option("join_pages_captcha", {}));

module:depends "http";
local frame = module:depends "page_frame";
local policy = module:depends "password_policy";
local invites = for_invited and module:depends "invites";
local apps = for_invited and module:depends "register_apps" and module:shared "register_apps/apps" or {};

local function resource(name)
	local file <close> = assert(module:load_resource(name));
	return file:read "a";
end

local pages = {};
for _, name in ipairs { "invitation", "setup", "form", "done", "notice" } do
	pages[name] = resource("html/" .. name .. ".html");
end

local function language_of(request)
	return frame.language_of(request, texts);
end

-- The texts of a language, each with the values in it.
local function spoken(language, values)
	return frame.spoken(texts, language, values);
end

local function policy_for(others)
	return ("default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; img-src 'self' data:; "
		.. "style-src 'self'%s; script-src 'self'%s; frame-src 'self'%s; connect-src 'self'%s")
		:format(others, others, others, others);
end

-- Shows a page to whoever asked; `values` are what it is about.
local function show(event, name, values, status)
	local language = language_of(event.request);
	values.domain, values.language, values.welcome = module.host, language, welcome;
	for key, value in pairs(frame.look()) do
		values[key] = value;
	end
	values.text = spoken(language, values);
	local link = values.uri and frame.render('<link rel="alternate" href="{uri}">', values);
	event.response.status_code = status or 200;
	frame.prepare(event.response, language, policy_for(name == "form" and values.riddle and riddles.hosts or ""));
	return frame.framed(language, { head = link, body = frame.render(pages[name], values) });
end

local function notice(event, title, status, detail)
	local text = spoken(language_of(event.request), frame.look());
	return show(event, "notice", { title = text[title], detail = detail or text[title .. "_detail"] }, status);
end

local function open_invitation(token)
	local invite = invites.get(token);
	return invite and invite.uri and not (invite.additional_data and invite.additional_data.allow_reset) and invite
		or nil;
end

local function web_chat()
	return module:get_host_items("web-chat")[1];
end

local function show_invitation(event)
	local invite = open_invitation(event.request.url.query);
	if not invite then
		return notice(event, "invitation_gone", 404);
	end
	local here, elsewhere = app_cards.cards(event.request, invite, apps, language_of(event.request));
	local is_phone = app_cards.is_phone(event.request);
	local chat = web_chat();
	if chat then
		-- at a computer nothing is sooner had; on a phone an app is better
		local text = spoken(language_of(event.request), frame.look());
		table.insert(here, is_phone and #here + 1 or 1, app_cards.browser(chat, invite, text));
	end
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
	local app, chat = apps[typed.app_id], web_chat();
	local in_browser = chat and typed.app_id == app_cards.BROWSER;
	return show(event, "done", {
		user = name, app = app and { name = app.name, download = app.link };
		in_browser = in_browser or nil, any = not (app or in_browser) or nil;
		chat = chat and chat.url .. "#name=" .. http.urlencode(name);
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

-- scripts of other sites do not get to see the riddle
local NO_OTHERS = { enabled = false };

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
