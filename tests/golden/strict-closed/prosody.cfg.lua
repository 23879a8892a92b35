-- Written by xmpp-wizard; changes made here are noticed and asked about at the next apply.
-- Your own options belong in conf.d/*.cfg.lua beside this file; they are read last and never touched.

-- prosody
admins = { "it@office.internal" }
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
s2s_ports = {}
tcp_keepalives = true
unbound = { resolvconf = true; hoststxt = false }

-- accounts
allow_registration = false
registration_delete_grace_period = "7d"
user_tombstone_expiry = "60d"

-- calls
external_services = {
	{ type = "stun"; transport = "udp"; host = "turn.office.internal"; port = 3478 };
	{
		type = "turn";
		transport = "udp";
		host = "turn.office.internal";
		port = 3478;
		secret = FileLine("/secrets/turn");
		ttl = 86400;
		algorithm = "turn";
	};
	{
		type = "turn";
		transport = "tcp";
		host = "turn.office.internal";
		port = 3478;
		secret = FileLine("/secrets/turn");
		ttl = 86400;
		algorithm = "turn";
	};
	{
		type = "turns";
		transport = "tcp";
		host = "turn.office.internal";
		port = 5349;
		secret = FileLine("/secrets/turn");
		ttl = 86400;
		algorithm = "turn";
	};
}

-- contact_addresses
contact_info = {
	abuse = { "xmpp:it@office.internal" };
	admin = { "xmpp:it@office.internal" };
	security = { "xmpp:it@office.internal" };
	support = { "xmpp:it@office.internal" };
}

-- direct_tls
c2s_direct_tls_ports = { 5223 }

-- direct_tls, federation
s2s_direct_tls_ports = {}

-- features
log = { { levels = { min = "warn" }; to = "stdout"; timestamps = "%Y-%m-%dT%H:%M:%S" } }
modules_disabled = { "dialback"; "muc_rtbl"; "s2s"; "s2s_bidi" }
modules_enabled = {
	"account_activity";
	"admin_adhoc";
	"admin_shell";
	"announce";
	"blocklist";
	"bookmarks";
	"bosh";
	"carbons";
	"disco";
	"external_services";
	"head_count";
	"http";
	"http_altconnect";
	"lastactivity";
	"limits";
	"login_guard";
	"mam";
	"mimicking";
	"net_multiplex";
	"offline";
	"password_policy";
	"pep";
	"ping";
	"presence";
	"private";
	"report_forward";
	"reserved_names";
	"roster";
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
	"user_account_management";
	"vcard4";
	"vcard_legacy";
	"websocket";
}
plugin_paths = {
	"/usr/lib/prosody/community/guest_limits";
	"/usr/lib/prosody/community/head_count";
	"/usr/lib/prosody/community/login_guard";
	"/usr/lib/prosody/community/muc_limits";
	"/usr/lib/prosody/community/muc_moderation";
	"/usr/lib/prosody/community/password_policy";
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

-- file_proxy
proxy65_ports = { 5000 }

-- file_sharing, web, port_443
https_ports = {}

-- login_guard
login_guard_attempts = 10
login_guard_period = "5 minutes"

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

-- security level strict
allow_contact_invites = false
archive_expires_after = "7d"
c2s_require_encryption = true
c2s_timeout = "60s"
c2s_unauthed_stanza_size_limit = 10000
default_iteration_count = 100000
disable_sasl_mechanisms = { "DIGEST-MD5"; "OAUTHBEARER"; "PLAIN"; "LOGIN"; "ANONYMOUS" }
hide_os_type = true
limits = { c2s = { rate = "10kb/s"; burst = "2s" }; s2sin = { rate = "30kb/s"; burst = "2s" } }
muc_log_expires_after = "7d"
password_policy = { length = 14 }
registration_throttle_max = 2
registration_throttle_period = "1 day"
s2s_require_encryption = true
s2s_secure_auth = true
s2s_unauthed_stanza_size_limit = 10000
tls_profile = "modern"

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

VirtualHost "office.internal"
	http_external_url = "https://office.internal/"
	name = "office.internal"
	reserved_names = { "it" }
	shared_contacts_everyone = "office.internal"

Component "proxy.office.internal" "proxy65"
	modules_disabled = { "dialback"; "muc_rtbl"; "s2s"; "s2s_bidi" }
	name = "File transfer"
	proxy65_acl = { "office.internal" }
	proxy65_address = "office.internal"

Component "share.office.internal" "http_file_share"
	http_external_url = "https://share.office.internal/"
	http_file_share_daily_quota = 1073741840
	http_file_share_expires_after = "30d"
	http_file_share_global_quota = 10737418256
	http_file_share_secret = FileLine("/secrets/file_share")
	http_file_share_size_limit = 104857616
	http_paths = { file_share = "/upload" }
	modules_disabled = { "dialback"; "muc_rtbl"; "s2s"; "s2s_bidi" }
	name = "File sharing"

Component "groups.office.internal" "muc"
	guest_burst_factor = 10
	guest_event_rate = 1.0
	modules_disabled = { "dialback"; "muc_rtbl"; "s2s"; "s2s_bidi" }
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
