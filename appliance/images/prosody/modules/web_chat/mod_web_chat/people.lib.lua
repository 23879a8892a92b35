-- The page for people with an account on this host.
local converse = module:require "converse";
local texts = module:require "texts";
local frame = module:depends "page_frame";

local has_form = module:get_option_boolean("join_pages_form", false);
local authentication = module:get_option_string("authentication", "internal_hashed");

local function is_room_service(_, modules)
	return modules.muc;
end

local function is_private(host, modules)
	return modules.muc and module:context(host):get_option_boolean("muc_room_default_members_only", false);
end

local function settings(shared, look)
	return converse.settings(module.host, shared, {
		locked_domain = module.host;
		muc_domain = converse.service(module.host, is_private) or converse.service(module.host, is_room_service);
		muc_search_service = converse.service(module.host, function (_, modules) return modules.room_search; end) or false;
		message_archiving = "always";
		notification_icon = look.logo;
	});
end

-- Returns a handler that shows the page of this template.
local function pages(template)
	return function (event)
		local language, shared, look = frame.language_of(event.request, texts), converse.uploads(module.host), frame.look();
		local text = frame.spoken(texts, language, {});
		frame.prepare(event.response, language, converse.policy(shared));
		return frame.render(template, {
			home = converse.home, site = look.site, language = language, text = text;
			static = look.static, logo = look.logo, icon = look.logo or converse.icon;
			own = converse.own, assets = converse.assets;
			form = has_form and module:http_url("join", "/join"):gsub("/$", "") or nil;
			-- what is asked for beside the name, where that is no password of this server
			secret = text["secret_" .. authentication], how = text["how_" .. authentication];
			wrong = text["wrong_" .. authentication];
			settings = settings(shared, look);
		});
	end;
end

return { pages = pages };
