/*
 * The peer for attach: COUNT containers on the bridge "br0", namespaces c0, c1, … made beforehand. For each one message makes the
 * veth with its peer inside, enslaved and up; then, through a socket inside, one datagram sets lo and eth0 up and adds address and
 * default route. Prints milliseconds a container.
 */
#include "attach.h"

unsigned int if_nametoindex(const char *name);

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 200, bridge = if_nametoindex("br0");
	struct mnl_socket *host = opened();
	double start;

	home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	start = now();
	for (int i = 0; i < count; i++) {
		char name[32], path[64];
		int netns, length;
		struct nlmsghdr *header;
		struct nlattr *linkinfo, *data, *peer;
		struct mnl_socket *inside;
		uint32_t address = htonl(0x0a630000 + ((i / 200) << 8) + i % 200 + 1);

		snprintf(path, sizeof(path), "/run/netns/c%d", i);
		snprintf(name, sizeof(name), "v%d", i);
		netns = open(path, O_RDONLY | O_CLOEXEC);
		header = linkmsg(buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, 0, 1);
		mnl_attr_put_strz(header, IFLA_IFNAME, name);
		mnl_attr_put_u32(header, IFLA_MASTER, bridge);
		linkinfo = mnl_attr_nest_start(header, IFLA_LINKINFO);
		mnl_attr_put_strz(header, IFLA_INFO_KIND, "veth");
		data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
		peer = mnl_attr_nest_start(header, VETH_INFO_PEER);
		((struct ifinfomsg *)mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg)))->ifi_index = 2;
		mnl_attr_put_strz(header, IFLA_IFNAME, "eth0");
		mnl_attr_put_u32(header, IFLA_NET_NS_FD, netns);
		mnl_attr_nest_end(header, peer);
		mnl_attr_nest_end(header, data);
		mnl_attr_nest_end(header, linkinfo);
		ask(host, header->nlmsg_len, seq);

		inside = opened_in(netns);
		close(netns);
		length = linkmsg(buffer, RTM_NEWLINK, 0, 1, 1)->nlmsg_len;
		length += linkmsg(buffer + length, RTM_NEWLINK, 0, 2, 1)->nlmsg_len;
		length = address_and_route(length, 2, address, inet_addr("10.99.255.254"));
		ask(inside, length, seq);
		mnl_socket_close(inside);
	}
	printf("%f\n", (now() - start) / count);
	return 0;
}
