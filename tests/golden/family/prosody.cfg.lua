-- Written by xmpp-wizard; changes made here are noticed and asked about at the next apply.
-- Your own options belong in conf.d/*.cfg.lua beside this file; they are read last and never touched.

-- prosody
admins = { "alice@fam.example" }
authentication = "internal_hashed"
c2s_ports = { 5222 }
certificates = "/certs/live"
data_path = "/var/lib/prosody"
gc = { mode = "generational" }
interfaces = { "*"; "::" }
network_default_read_size = 65536
network_settings = { min_wait = 0 }
password_hash = "SHA-256"
pidfile = "/run/prosody/prosody.pid"
prosodyctl_service_warnings = false
tcp_keepalives = true
unbound = { resolvconf = true; hoststxt = false }

-- accounts
allow_registration = false
registration_delete_grace_period = "7d"
user_tombstone_expiry = "60d"

-- calls
external_services = {
	{ type = "stun"; transport = "udp"; host = "turn.fam.example"; port = 3478 };
	{
		type = "turn";
		transport = "udp";
		host = "turn.fam.example";
		port = 3478;
		secret = FileLine("/secrets/turn");
		ttl = 86400;
		algorithm = "turn";
	};
	{
		type = "turn";
		transport = "tcp";
		host = "turn.fam.example";
		port = 3478;
		secret = FileLine("/secrets/turn");
		ttl = 86400;
		algorithm = "turn";
	};
	{
		type = "turns";
		transport = "tcp";
		host = "turn.fam.example";
		port = 5349;
		secret = FileLine("/secrets/turn");
		ttl = 86400;
		algorithm = "turn";
	};
}

-- contact_addresses
contact_info = {
	abuse = { "xmpp:alice@fam.example" };
	admin = { "xmpp:alice@fam.example" };
	security = { "xmpp:alice@fam.example" };
	support = { "xmpp:alice@fam.example" };
}

-- direct_tls
c2s_direct_tls_ports = { 5223 }
s2s_direct_tls_ports = { 5270 }

-- features
log = { { levels = { min = "info" }; to = "stdout"; timestamps = "%Y-%m-%dT%H:%M:%S" } }
modules_disabled = {}
modules_enabled = {
	"account_activity";
	"admin_adhoc";
	"admin_shell";
	"announce";
	"blocklist";
	"bookmarks";
	"bosh";
	"carbons";
	"cloud_notify";
	"cloud_notify_encrypted";
	"cloud_notify_extensions";
	"cloud_notify_filters";
	"cloud_notify_priority_tag";
	"csi_simple";
	"dialback";
	"disco";
	"external_services";
	"head_count";
	"http";
	"http_altconnect";
	"invites";
	"invites_adhoc";
	"invites_register";
	"join_pages";
	"lastactivity";
	"limits";
	"login_guard";
	"mam";
	"mimicking";
	"net_multiplex";
	"offline";
	"page_frame";
	"password_policy";
	"pep";
	"ping";
	"presence";
	"private";
	"register_apps";
	"register_ibr";
	"register_limits";
	"report_forward";
	"reserved_names";
	"roster";
	"s2s_bidi";
	"sasl2";
	"sasl2_bind2";
	"sasl2_fast";
	"sasl2_sm";
	"sasl_ssdp";
	"saslauth";
	"server_contact_info";
	"server_info";
	"shared_contacts";
	"smacks";
	"spam_notices";
	"spam_reporting";
	"time";
	"tls";
	"tombstones";
	"uptime";
	"user_account_management";
	"vcard4";
	"vcard_legacy";
	"version";
	"watchregistrations";
	"websocket";
}
plugin_paths = {
	"/usr/lib/prosody/community/cloud_notify_encrypted";
	"/usr/lib/prosody/community/cloud_notify_extensions";
	"/usr/lib/prosody/community/cloud_notify_filters";
	"/usr/lib/prosody/community/cloud_notify_priority_tag";
	"/usr/lib/prosody/community/guest_limits";
	"/usr/lib/prosody/community/head_count";
	"/usr/lib/prosody/community/join_pages";
	"/usr/lib/prosody/community/login_guard";
	"/usr/lib/prosody/community/muc_limits";
	"/usr/lib/prosody/community/muc_moderation";
	"/usr/lib/prosody/community/page_frame";
	"/usr/lib/prosody/community/password_policy";
	"/usr/lib/prosody/community/register_apps";
	"/usr/lib/prosody/community/report_forward";
	"/usr/lib/prosody/community/reserved_names";
	"/usr/lib/prosody/community/sasl2";
	"/usr/lib/prosody/community/sasl2_bind2";
	"/usr/lib/prosody/community/sasl2_fast";
	"/usr/lib/prosody/community/sasl2_sm";
	"/usr/lib/prosody/community/sasl_ssdp";
	"/usr/lib/prosody/community/shared_contacts";
	"/usr/lib/prosody/community/spam_notices";
	"/usr/lib/prosody/community/spam_reporting";
}

-- federation
s2s_ports = { 5269 }

-- file_proxy
proxy65_ports = { 5000 }

-- file_sharing, invitations, web, port_443
https_ports = {}

-- invitations
allow_user_invites = false
invite_expiry = "7d"
join_pages_invitations = true
registration_notification = "$username has made an account on $host"

-- login_guard
login_guard_attempts = 10
login_guard_period = "5 minutes"

-- mobile
push_max_devices = 10
push_notification_with_body = false
push_notification_with_sender = false

-- multi_device
default_archive_policy = true
dont_archive_namespaces = { "http://jabber.org/protocol/chatstates"; "urn:xmpp:jingle-message:0" }
max_archive_query_results = 100
smacks_hibernation_time = "1 hour"
smacks_max_queue_size = 1000

-- port_443
http_interfaces = { "127.0.0.1" }
http_ports = { 5280 }
ports = {}
ssl_ports = { 443 }

-- security level recommended
archive_expires_after = "30d"
c2s_require_encryption = true
default_iteration_count = 10000
disable_sasl_mechanisms = { "DIGEST-MD5"; "OAUTHBEARER"; "PLAIN" }
limits = { c2s = { rate = "30kb/s"; burst = "2s" }; s2sin = { rate = "60kb/s"; burst = "2s" } }
muc_log_expires_after = "30d"
password_policy = { length = 10 }
registration_throttle_max = 5
registration_throttle_period = "1 hour"
s2s_require_encryption = true
s2s_secure_auth = true
tls_profile = "intermediate"

-- shared_contacts
shared_contacts = {}
shared_contacts_apart = "xw-proof-"

-- spam_reports
report_forward_to_origin = true

-- storage sqlite
sql = { driver = "SQLite3"; database = "prosody.sqlite" }
sqlite_tune = "normal"
storage = "sql"

-- web
http_paths = { bosh = "/http-bind"; websocket = "/xmpp-websocket" }

VirtualHost "fam.example"
	http_external_url = "https://fam.example/"
	invites_page = "https://fam.example/invite?{invite.token}"
	name = "The Family"
	reserved_names = { "alice" }
	shared_contacts_everyone = "The Family"
	site_apps = {
		{
			name = "Conversations";
			text = "The chat app for Android: messages, groups, pictures and calls.";
			text_de = "Die Chat-App f\195\188r Android: Nachrichten, Gruppen, Bilder und Anrufe.";
			image = "assets/logos/conversations.svg";
			link = "https://play.google.com/store/apps/details?id=eu.siacs.conversations";
			platforms = { "Android" };
			supports_preauth_uri = true;
			magic_link_format = "{app.link!}&referrer={invite.uri}";
		};
		{
			name = "Monal";
			text = "A chat app for iPhone, iPad and Mac, with calls.";
			text_de = "Eine Chat-App f\195\188r iPhone, iPad und Mac, mit Anrufen.";
			image = "assets/logos/monal.svg";
			link = "https://monal-im.org/";
			platforms = { "iOS"; "macOS" };
			supports_preauth_uri = true;
		};
		{
			name = "Siskin IM";
			text = "A light chat app for iPhone and iPad.";
			text_de = "Eine leichte Chat-App f\195\188r iPhone und iPad.";
			image = "assets/logos/siskin-im.png";
			link = "https://apps.apple.com/us/app/siskin-im/id1153516838";
			platforms = { "iOS" };
			supports_preauth_uri = true;
		};
		{
			name = "yaxim";
			text = "A small chat app for Android that also runs on old phones.";
			text_de = "Eine kleine Chat-App f\195\188r Android, die auch auf alten Handys l\195\164uft.";
			image = "assets/logos/yaxim.svg";
			link = "https://play.google.com/store/apps/details?id=org.yaxim.androidclient";
			platforms = { "Android" };
			supports_preauth_uri = true;
			magic_link_format = "{app.link!}&referrer={invite.uri}";
		};
		{
			name = "Gajim";
			text = "A chat program for Windows and Linux with everything in it.";
			text_de = "Ein Chat-Programm f\195\188r Windows und Linux, in dem alles steckt.";
			image = "assets/logos/gajim.svg";
			link = "https://gajim.org/";
			platforms = { "Windows"; "Linux" };
			supports_preauth_uri = false;
		};
		{
			name = "Dino";
			text = "A modern and simple chat program for Linux.";
			text_de = "Ein modernes und einfaches Chat-Programm f\195\188r Linux.";
			image = "assets/logos/dino.svg";
			link = "https://dino.im/";
			platforms = { "Linux" };
			supports_preauth_uri = false;
		};
		{
			name = "Beagle IM";
			text = "A light chat program for the Mac.";
			text_de = "Ein leichtes Chat-Programm f\195\188r den Mac.";
			image = "assets/logos/beagle-im.png";
			link = "https://apps.apple.com/us/app/beagle-im/id1445349494";
			platforms = { "macOS" };
			supports_preauth_uri = false;
		};
	}
	site_name = "The Family"

Component "proxy.fam.example" "proxy65"
	modules_disabled = { "s2s" }
	name = "File transfer"
	proxy65_acl = { "fam.example" }
	proxy65_address = "fam.example"

Component "share.fam.example" "http_file_share"
	http_external_url = "https://share.fam.example/"
	http_file_share_daily_quota = 1073741840
	http_file_share_expires_after = "30d"
	http_file_share_global_quota = 10737418256
	http_file_share_secret = FileLine("/secrets/file_share")
	http_file_share_size_limit = 104857616
	http_paths = { file_share = "/upload" }
	modules_disabled = { "s2s" }
	name = "File sharing"

Component "groups.fam.example" "muc"
	guest_burst_factor = 10
	guest_event_rate = 1.0
	modules_enabled = { "guest_limits"; "muc_limits"; "muc_mam"; "muc_moderation" }
	muc_burst_factor = 10
	muc_event_rate = 10.0
	muc_max_nick_length = 60
	muc_room_default_allow_member_invites = true
	muc_room_default_members_only = true
	muc_room_default_persistent = true
	muc_room_default_public = false
	muc_room_default_public_jids = true
	name = "Groups"
	restrict_room_creation = "local"

Include "conf.d/*.cfg.lua"
