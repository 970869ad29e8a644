// The npm package `node-netlink`; where it is not installed, or was not compiled, the process ends with the status that says so.
export default await import('node-netlink').then(
  (module) => module.default,
  () => process.exit(3),
);
