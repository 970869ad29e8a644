/* The peer for getLink: one RTM_GETLINK of "lo" after another with libmnl, a few attributes decoded. Prints microseconds a request. */
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct link {
	int index;
	unsigned flags, mtu, txqlen, group;
	char name[16];
	unsigned char address[32];
	unsigned operstate;
};

static int attribute(const struct nlattr *attr, void *data)
{
	struct link *link = data;
	switch (mnl_attr_get_type(attr)) {
	case IFLA_IFNAME: strncpy(link->name, mnl_attr_get_str(attr), sizeof(link->name) - 1); break;
	case IFLA_MTU: link->mtu = mnl_attr_get_u32(attr); break;
	case IFLA_TXQLEN: link->txqlen = mnl_attr_get_u32(attr); break;
	case IFLA_GROUP: link->group = mnl_attr_get_u32(attr); break;
	case IFLA_OPERSTATE: link->operstate = mnl_attr_get_u8(attr); break;
	case IFLA_ADDRESS: memcpy(link->address, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr)); break;
	}
	return MNL_CB_OK;
}

static int message(const struct nlmsghdr *header, void *data)
{
	struct link *link = data;
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(header);
	link->index = info->ifi_index;
	link->flags = info->ifi_flags;
	mnl_attr_parse(header, sizeof(*info), attribute, link);
	return MNL_CB_OK;
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 20000;
	static char buffer[65536];
	struct mnl_socket *socket = mnl_socket_open(NETLINK_ROUTE);
	struct timespec start, end;
	struct link link;

	if (socket == NULL || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		return 1;
	clock_gettime(CLOCK_MONOTONIC, &start);
	for (int i = 1; i <= count; i++) {
		struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
		struct ifinfomsg *info;
		int length;

		header->nlmsg_type = RTM_GETLINK;
		header->nlmsg_flags = NLM_F_REQUEST;
		header->nlmsg_seq = i;
		info = mnl_nlmsg_put_extra_header(header, sizeof(*info));
		memset(info, 0, sizeof(*info));
		mnl_attr_put_strz(header, IFLA_IFNAME, "lo");
		if (mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
			return 1;
		memset(&link, 0, sizeof(link));
		length = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		if (length < 0 || mnl_cb_run(buffer, length, i, mnl_socket_get_portid(socket), message, &link) < 0 || link.index != 1)
			return 1;
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%f\n", ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / 1e3 / count);
	return 0;
}
