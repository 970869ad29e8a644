// The npm package `netlink`; where it is not installed the process ends with the status that says so.
export default await import('netlink').then(
  (module) => module.default ?? module,
  () => process.exit(3),
);
