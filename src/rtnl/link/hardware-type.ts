/** What a link is made of, as ARP numbers it. Source: include/uapi/linux/if_arp.h (ARPHRD_*); names of ip(8), lib/ll_types.c. */
// biome-ignore format: a table of a hundred short entries
const names: Readonly<Record<number, string>> = {
  0: 'netrom', 1: 'ether', 2: 'eether', 3: 'ax25', 4: 'pronet', 5: 'chaos', 6: 'ieee802', 7: 'arcnet', 8: 'atalk', 15: 'dlci', 19: 'atm',
  23: 'metricom', 24: 'ieee1394', 27: 'eui64', 32: 'infiniband', 256: 'slip', 257: 'cslip', 258: 'slip6', 259: 'cslip6', 260: 'rsrvd',
  264: 'adapt', 270: 'rose', 271: 'x25', 272: 'hwx25', 280: 'can', 290: 'mctp', 512: 'ppp', 513: 'hdlc', 516: 'lapb', 517: 'ddcmp',
  518: 'rawhdlc', 519: 'rawip', 768: 'ipip', 769: 'tunnel6', 770: 'frad', 771: 'skip', 772: 'loopback', 773: 'ltalk', 774: 'fddi', 775: 'bif',
  776: 'sit', 777: 'ip/ddp', 778: 'gre', 779: 'pimreg', 780: 'hippi', 781: 'ash', 782: 'econet', 783: 'irda', 784: 'fcpp', 785: 'fcal',
  786: 'fcpl', 787: 'fcfb0', 800: 'tr', 801: 'ieee802.11', 802: 'ieee802.11/prism', 803: 'ieee802.11/radiotap', 804: 'ieee802.15.4',
  805: 'ieee802.15.4/monitor', 820: 'phonet', 821: 'phonet_pipe', 822: 'caif', 823: 'gre6', 824: 'netlink', 825: '6lowpan', 826: 'vsockmon',
  65534: 'none', 65535: 'void',
};

/** Name of a hardware type: `ether`, `loopback`, `none` (a tun device), …; one without a name as its number in digits. */
export function hardwareTypeName(type: number): string {
  return names[type] ?? String(type);
}
