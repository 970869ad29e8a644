/*
 * The peer for attach: COUNT containers on the bridge "br0", namespaces c0, c1, … made beforehand. For each one message makes the
 * veth with its peer inside, enslaved and up; then, through a socket inside, one datagram sets lo and eth0 up and adds address and
 * default route. Prints milliseconds a container.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

unsigned int if_nametoindex(const char *name);

static unsigned seq;

static struct nlmsghdr *request(char *at, int type, int flags)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(at);
	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | flags;
	header->nlmsg_seq = ++seq;
	return header;
}

static struct nlmsghdr *up(char *at, int index)
{
	struct nlmsghdr *header = request(at, RTM_NEWLINK, 0);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(header, sizeof(*info));
	info->ifi_index = index;
	info->ifi_flags = info->ifi_change = IFF_UP;
	return header;
}

/* Reads until the last request is answered; any refusal is the end. */
static void finish(struct mnl_socket *socket)
{
	static char buffer[65536];
	for (;;) {
		int length = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		struct nlmsghdr *header = (struct nlmsghdr *)buffer;
		if (length < 0)
			exit(1);
		for (; mnl_nlmsg_ok(header, length); header = mnl_nlmsg_next(header, &length)) {
			struct nlmsgerr *error = mnl_nlmsg_get_payload(header);
			if (header->nlmsg_type != NLMSG_ERROR || error->error != 0) {
				fprintf(stderr, "refused: %s\n", strerror(-error->error));
				exit(1);
			}
			if (header->nlmsg_seq == seq)
				return;
		}
	}
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 200;
	int home = open("/proc/self/ns/net", O_RDONLY), one = 1;
	int bridge = if_nametoindex("br0");
	struct mnl_socket *host = mnl_socket_open(NETLINK_ROUTE);
	struct timespec start, end;
	static char buffer[8192];

	mnl_socket_bind(host, 0, MNL_SOCKET_AUTOPID);
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 0; i < count; i++) {
		char name[32], path[64];
		int netns, length;
		struct nlmsghdr *header;
		struct ifinfomsg *info;
		struct nlattr *linkinfo, *data, *peer;
		struct mnl_socket *inside;
		uint32_t address = htonl(0x0a630000 + ((i / 200) << 8) + i % 200 + 1), gateway = inet_addr("10.99.255.254");

		snprintf(path, sizeof(path), "/run/netns/c%d", i);
		snprintf(name, sizeof(name), "v%d", i);
		netns = open(path, O_RDONLY);
		header = request(buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
		info = mnl_nlmsg_put_extra_header(header, sizeof(*info));
		info->ifi_flags = info->ifi_change = IFF_UP;
		mnl_attr_put_strz(header, IFLA_IFNAME, name);
		mnl_attr_put_u32(header, IFLA_MASTER, bridge);
		linkinfo = mnl_attr_nest_start(header, IFLA_LINKINFO);
		mnl_attr_put_strz(header, IFLA_INFO_KIND, "veth");
		data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
		peer = mnl_attr_nest_start(header, VETH_INFO_PEER);
		info = mnl_nlmsg_put_extra_header(header, sizeof(*info));
		info->ifi_index = 2;
		mnl_attr_put_strz(header, IFLA_IFNAME, "eth0");
		mnl_attr_put_u32(header, IFLA_NET_NS_FD, netns);
		mnl_attr_nest_end(header, peer);
		mnl_attr_nest_end(header, data);
		mnl_attr_nest_end(header, linkinfo);
		mnl_socket_sendto(host, header, header->nlmsg_len);
		finish(host);

		if (setns(netns, CLONE_NEWNET) < 0)
			return 1;
		inside = mnl_socket_open(NETLINK_ROUTE);
		if (setns(home, CLONE_NEWNET) < 0)
			return 1;
		close(netns);
		mnl_socket_bind(inside, 0, MNL_SOCKET_AUTOPID);
		mnl_socket_setsockopt(inside, NETLINK_CAP_ACK, &one, sizeof(one));
		length = up(buffer, 1)->nlmsg_len;
		length += up(buffer + length, 2)->nlmsg_len;
		header = request(buffer + length, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
		struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(header, sizeof(*ifa));
		ifa->ifa_family = AF_INET;
		ifa->ifa_prefixlen = 16;
		ifa->ifa_index = 2;
		mnl_attr_put_u32(header, IFA_LOCAL, address);
		mnl_attr_put_u32(header, IFA_ADDRESS, address);
		length += header->nlmsg_len;
		header = request(buffer + length, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
		struct rtmsg *route = mnl_nlmsg_put_extra_header(header, sizeof(*route));
		route->rtm_family = AF_INET;
		route->rtm_table = RT_TABLE_MAIN;
		route->rtm_protocol = RTPROT_BOOT;
		route->rtm_type = RTN_UNICAST;
		mnl_attr_put_u32(header, RTA_GATEWAY, gateway);
		length += header->nlmsg_len;
		mnl_socket_sendto(inside, buffer, length);
		finish(inside);
		mnl_socket_close(inside);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%f\n", ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / 1e6 / count);
	return 0;
}
