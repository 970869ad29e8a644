/* routes-dump floor|decode: dumps the IPv4 routes, received only or decoded into a struct each. Prints microseconds a route. */
#include "routes.h"

struct route {
	struct rtmsg header;
	unsigned destination, gateway, table, link, priority, source;
};

static int found;
static unsigned sum;

static int attribute(const struct nlattr *attr, void *data)
{
	struct route *route = data;

	if (mnl_attr_get_payload_len(attr) < 4)
		return MNL_CB_OK;
	switch (mnl_attr_get_type(attr)) {
	case RTA_DST: route->destination = mnl_attr_get_u32(attr); break;
	case RTA_GATEWAY: route->gateway = mnl_attr_get_u32(attr); break;
	case RTA_TABLE: route->table = mnl_attr_get_u32(attr); break;
	case RTA_OIF: route->link = mnl_attr_get_u32(attr); break;
	case RTA_PRIORITY: route->priority = mnl_attr_get_u32(attr); break;
	case RTA_PREFSRC: route->source = mnl_attr_get_u32(attr); break;
	}
	return MNL_CB_OK;
}

static int message(const struct nlmsghdr *header, void *data)
{
	struct route route = { .header = *(struct rtmsg *)mnl_nlmsg_get_payload(header) };

	(void)data;
	mnl_attr_parse(header, sizeof(struct rtmsg), attribute, &route);
	sum += route.destination + route.link;
	found++;
	return MNL_CB_OK;
}

/* DONE comes alone, or as the last of a datagram. */
static int count_only(const char *buffer, int length)
{
	const struct nlmsghdr *header = (const struct nlmsghdr *)buffer;

	while (mnl_nlmsg_ok(header, length)) {
		if (header->nlmsg_type == NLMSG_DONE)
			return 0;
		if (header->nlmsg_type == NLMSG_ERROR)
			exit(1);
		found++;
		header = mnl_nlmsg_next(header, &length);
	}
	return 1;
}

int main(int argc, char **argv)
{
	static char buffer[65536];
	struct mnl_socket *socket = open_socket();
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct rtmsg *route;
	int decode = argc > 1 && strcmp(argv[1], "decode") == 0, more = 1;
	double start;

	header->nlmsg_type = RTM_GETROUTE;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_seq = 1;
	route = mnl_nlmsg_put_extra_header(header, sizeof(*route));
	memset(route, 0, sizeof(*route));
	route->rtm_family = AF_INET;
	start = now();
	if (mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
		return 1;
	while (more > 0) {
		int length = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));

		if (length < 0)
			return 1;
		more = decode ? mnl_cb_run(buffer, length, 1, mnl_socket_get_portid(socket), message, NULL) : count_only(buffer, length);
	}
	if (more < 0)
		return 1;
	fprintf(stderr, "%d routes, checksum %u\n", found, sum);
	printf("%f\n", (now() - start) / found);
	return 0;
}
