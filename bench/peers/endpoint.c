/*
 * The kernel's share of attaching and detaching an endpoint: the messages that netloom sends for one, and no more.
 *
 *     endpoint attach|detach OTHERS TIMES           one after the other, beside OTHERS endpoints of the same bridge: prints the median in milliseconds
 *     endpoint together BRIDGES WORKERS TIMES       WORKERS processes at the same time, TIMES endpoints in all, spread over BRIDGES: prints milliseconds an endpoint
 *
 * First one datagram: the veth with its peer inside, a port of the bridge; no link-local address on the port; up; and the alternative name that claims the address. Then through a
 * socket inside up, address and default route. Then the alias, and the link read. Namespaces are made beforehand and stay until all is over.
 */
#include "attach.h"
#include <sys/resource.h>
#include <sys/wait.h>

#define GROUP 0x6e6c6f6d

static struct mnl_socket *host;

static int bridge(const char *name)
{
	struct nlmsghdr *header = linkmsg(buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ECHO, 0, 1);
	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	struct nlattr *info = mnl_attr_nest_start(header, IFLA_LINKINFO);
	mnl_attr_put_strz(header, IFLA_INFO_KIND, "bridge");
	mnl_attr_nest_end(header, info);
	return ask(host, header->nlmsg_len, seq);
}

/* Attaches the namespace. Returns the index of the host's end. */
static int attach(int netns, int master, int number, const char *ifname)
{
	char name[32], claim[64], alias[128];
	unsigned char mac[6] = { 2, 0, 0, 1, number >> 8, number };
	uint32_t address = htonl(0x0a140100 + number), gateway = inet_addr("10.20.0.1");
	struct in_addr shown = { address };
	struct nlmsghdr *header;
	struct nlattr *info, *data, *peer, *spec, *family;
	int length, index, inner;

	snprintf(name, sizeof(name), "nl%013d", number);
	header = linkmsg(buffer, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL | NLM_F_ECHO, 0, 0);
	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	mnl_attr_put_u32(header, IFLA_MASTER, master);
	mnl_attr_put_u32(header, IFLA_GROUP, GROUP);
	info = mnl_attr_nest_start(header, IFLA_LINKINFO);
	mnl_attr_put_strz(header, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(header, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(header, VETH_INFO_PEER);
	/* a new namespace has nothing but lo; elsewhere the kernel chooses, and nothing is asked by the index */
	inner = strcmp(ifname, "eth0") == 0 ? 2 : 0;
	((struct ifinfomsg *)mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg)))->ifi_index = inner;
	mnl_attr_put_strz(header, IFLA_IFNAME, ifname);
	mnl_attr_put(header, IFLA_ADDRESS, 6, mac);
	mnl_attr_put_u32(header, IFLA_NET_NS_FD, netns);
	mnl_attr_nest_end(header, peer);
	mnl_attr_nest_end(header, data);
	mnl_attr_nest_end(header, info);
	length = header->nlmsg_len;
	header = linkmsg(buffer + length, RTM_NEWLINK, 0, 0, 0);
	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	spec = mnl_attr_nest_start(header, IFLA_AF_SPEC);
	family = mnl_attr_nest_start(header, AF_INET6);
	mnl_attr_put_u8(header, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(header, family);
	mnl_attr_nest_end(header, spec);
	length += header->nlmsg_len;
	header = linkmsg(buffer + length, RTM_NEWLINK, 0, 0, 1);
	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	length += header->nlmsg_len;
	snprintf(claim, sizeof(claim), "web@%s", inet_ntoa(shown));
	header = linkmsg(buffer + length, RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND | NLM_F_ACK, 0, 0);
	mnl_attr_put_strz(header, IFLA_IFNAME, name);
	spec = mnl_attr_nest_start(header, IFLA_PROP_LIST);
	mnl_attr_put_strz(header, IFLA_ALT_IFNAME, claim);
	mnl_attr_nest_end(header, spec);
	length += header->nlmsg_len;
	index = ask(host, length, seq);

	if (inner != 0) {
		struct mnl_socket *inside = opened_in(netns);
		length = linkmsg(buffer, RTM_NEWLINK, 0, inner, 1)->nlmsg_len;
		length = address_and_route(length, inner, address, gateway);
		ask(inside, length, seq);
		mnl_socket_close(inside);
	}

	snprintf(alias, sizeof(alias), "netloom/1 endpoint web %s 4:4026532000 measured-%d", ifname, number);
	header = linkmsg(buffer, RTM_NEWLINK, 0, index, 0);
	mnl_attr_put(header, IFLA_IFALIAS, strlen(alias), alias);
	length = header->nlmsg_len;
	header = linkmsg(buffer + length, RTM_GETLINK, 0, index, 0);
	length += header->nlmsg_len;
	ask(host, length, seq);
	return index;
}

static void detach(int index)
{
	int length = linkmsg(buffer, RTM_DELLINK, NLM_F_ACK, index, 0)->nlmsg_len;
	ask(host, length, seq);
}

/* A descriptor open on a new namespace. */
static int namespace(void)
{
	int fd;
	if (unshare(CLONE_NEWNET) < 0)
		fail("unshare");
	fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	if (setns(home, CLONE_NEWNET) < 0)
		fail("setns");
	return fd;
}

static int compare(const void *a, const void *b)
{
	return *(const double *)a < *(const double *)b ? -1 : *(const double *)a > *(const double *)b;
}

static void alone(int attaching, int others, int times)
{
	int crowd = namespace(), master = bridge("web");
	int *spaces = calloc(times, sizeof(int));
	double *taken = calloc(times, sizeof(double));
	for (int i = 0; i < others; i++) {
		char name[32];
		snprintf(name, sizeof(name), "s%d", i);
		attach(crowd, master, 1000 + i, name);
	}
	for (int i = 0; i < times; i++)
		spaces[i] = namespace();
	for (int i = 0; i < times; i++) {
		double start = now(), middle;
		int index = attach(spaces[i], master, 1, "eth0");
		middle = now();
		detach(index);
		taken[i] = attaching ? middle - start : now() - middle;
	}
	qsort(taken, times, sizeof(double), compare);
	printf("%f\n", taken[times / 2]);
}

static void together(int bridges, int workers, int times)
{
	int *masters = calloc(bridges, sizeof(int)), *spaces = calloc(times, sizeof(int)), go[2], ready[2], status;
	double start;
	char byte = 0;
	for (int i = 0; i < bridges; i++) {
		char name[32];
		snprintf(name, sizeof(name), "web%d", i);
		masters[i] = bridge(name);
	}
	for (int i = 0; i < times; i++)
		spaces[i] = namespace();
	if (pipe(go) < 0 || pipe(ready) < 0)
		fail("pipe");
	for (int worker = 0; worker < workers; worker++) {
		if (fork() != 0)
			continue;
		host = opened();
		close(go[1]);
		if (write(ready[1], &byte, 1) != 1 || read(go[0], &byte, 1) < 0)
			fail("pipe");
		for (int i = worker; i < times; i += workers)
			attach(spaces[i], masters[i % bridges], i + 1, "eth0");
		exit(0);
	}
	for (int worker = 0; worker < workers; worker++)
		if (read(ready[0], &byte, 1) != 1)
			fail("pipe");
	start = now();
	close(go[1]);
	for (int worker = 0; worker < workers; worker++)
		if (wait(&status) < 0 || status != 0)
			exit(1);
	printf("%f\n", (now() - start) / times);
}

int main(int argc, char **argv)
{
	struct rlimit files;
	if (argc < 4)
		return 2;
	/* as many namespaces are open at once */
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	/* away from where it was started: this is the host, and ends with the program */
	if (unshare(CLONE_NEWNET) < 0)
		fail("unshare");
	home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	host = opened();
	if (strcmp(argv[1], "together") == 0)
		together(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
	else
		alone(strcmp(argv[1], "attach") == 0, atoi(argv[2]), atoi(argv[3]));
	return 0;
}
