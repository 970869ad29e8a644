/* What the C peers that attach share: requests and their answers, sockets, and what is set inside a namespace. */
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

/* Open on the namespace that the program is in. */
static int home;
static unsigned seq;
static char buffer[16384];

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static struct nlmsghdr *request(char *at, int type, int flags)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(at);
	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | flags;
	header->nlmsg_seq = ++seq;
	return header;
}

static struct nlmsghdr *linkmsg(char *at, int type, int flags, int index, int up)
{
	struct nlmsghdr *header = request(at, type, flags);
	struct ifinfomsg *info = mnl_nlmsg_put_extra_header(header, sizeof(*info));
	info->ifi_index = index;
	info->ifi_flags = info->ifi_change = up ? IFF_UP : 0;
	return header;
}

/* Sends the first `length` bytes of the buffer, and reads until `last` is answered. Returns the index of a link that was told of; any refusal is the end. */
static int ask(struct mnl_socket *socket, int length, unsigned last)
{
	static char answers[65536];
	int index = 0;
	if (mnl_socket_sendto(socket, buffer, length) < 0)
		fail("send");
	for (;;) {
		int left = mnl_socket_recvfrom(socket, answers, sizeof(answers));
		struct nlmsghdr *header = (struct nlmsghdr *)answers;
		if (left < 0)
			fail("receive");
		for (; mnl_nlmsg_ok(header, left); header = mnl_nlmsg_next(header, &left)) {
			if (header->nlmsg_type == NLMSG_ERROR) {
				struct nlmsgerr *error = mnl_nlmsg_get_payload(header);
				if (error->error != 0) {
					fprintf(stderr, "message %u of %u refused: %s\n", header->nlmsg_seq, last, strerror(-error->error));
					exit(1);
				}
			} else if (header->nlmsg_type == RTM_NEWLINK)
				index = ((struct ifinfomsg *)mnl_nlmsg_get_payload(header))->ifi_index;
			if (header->nlmsg_seq == last)
				return index;
		}
	}
}

static struct mnl_socket *opened(void)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	int one = 1;

	if (socket == NULL || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0)
		fail("socket");
	mnl_socket_setsockopt(socket, NETLINK_CAP_ACK, &one, sizeof(one));
	mnl_socket_setsockopt(socket, NETLINK_EXT_ACK, &one, sizeof(one));
	return socket;
}

/* A socket in another namespace. */
static struct mnl_socket *opened_in(int netns)
{
	struct mnl_socket *socket;
	if (setns(netns, CLONE_NEWNET) < 0)
		fail("setns");
	socket = opened();
	if (setns(home, CLONE_NEWNET) < 0)
		fail("setns");
	return socket;
}

/* Puts at `length` of the buffer: an address of 16 bits of prefix for the link, and a default route. Returns the length with them; the route asks for an ack. */
static int address_and_route(int length, int index, uint32_t address, uint32_t gateway)
{
	struct nlmsghdr *header = request(buffer + length, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(header, sizeof(*ifa));
	struct rtmsg *route;
	ifa->ifa_family = AF_INET;
	ifa->ifa_prefixlen = 16;
	ifa->ifa_index = index;
	mnl_attr_put_u32(header, IFA_LOCAL, address);
	mnl_attr_put_u32(header, IFA_ADDRESS, address);
	length += header->nlmsg_len;
	header = request(buffer + length, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK);
	route = mnl_nlmsg_put_extra_header(header, sizeof(*route));
	route->rtm_family = AF_INET;
	route->rtm_table = RT_TABLE_MAIN;
	route->rtm_protocol = RTPROT_BOOT;
	route->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(header, RTA_GATEWAY, gateway);
	mnl_attr_put_u32(header, RTA_OIF, index);
	return length + header->nlmsg_len;
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}
