/**
 * `npm run docs`: the API reference, by TypeDoc, into docs/api; its settings are in typedoc.json. It fails, and makes nothing, where
 *
 * - a public type names one that is not public: `intentionallyNotExported` in typedoc.json has those that nobody need name,
 * - an export lacks a docstring: `needsDocstring` below says which need one,
 * - a member of an interface or a type that is written by hand lacks one: what it means, in which unit, what is the default. (Attribute sets are told by their constants.)
 * - a link leads nowhere.
 *
 * A type that is made of a table (`keyof typeof types`) is shown as what it comes to: a reader wants the names. JavaScript, because the types of
 * TypeDoc's dependencies need the DOM.
 */
import { Application, Converter, ReflectionKind, TSConfigReader, TypeDocReader } from 'typedoc';

const application = await Application.bootstrap({}, [new TypeDocReader(), new TSConfigReader()]);
const { logger } = application;

application.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
  if (!reflection.kindOf(ReflectionKind.TypeAlias)) return;
  const [declaration] = context.getSymbolFromReflection(reflection)?.declarations ?? [];
  if (declaration?.getText().includes('typeof ')) reflection.comment?.modifierTags.add('@useDeclaredType');
});

async function make() {
  const project = await application.convert();
  if (project === undefined) return 1;
  application.validate(project);
  for (const { name, place } of [...undocumented(project), ...undocumentedMembers(project)])
    logger.warn(`${name} has no docstring (${place})`);
  if (logger.hasErrors() || logger.hasWarnings()) return 1;
  await application.generateOutputs(project);
  return logger.hasErrors() || logger.hasWarnings() ? 1 : 0;
}

/** What needs a docstring and has none, each once. */
function undocumented(project) {
  const found = new Map();
  const documented = new Set();
  for (const reflection of project.getReflectionsByKind(
    ReflectionKind.Variable | ReflectionKind.Function | ReflectionKind.Class | ReflectionKind.Interface | ReflectionKind.TypeAlias,
  )) {
    const [source] = reflection.sources ?? [];
    if (source === undefined || !needsDocstring(reflection)) continue;
    const place = `${source.fileName}:${source.line}`;
    if (hasDocstring(reflection)) documented.add(place);
    else found.set(place, { name: reflection.getFullName(), place });
  }
  return [...found.values()].filter(({ place }) => !documented.has(place));
}

function hasDocstring(reflection) {
  return [reflection, ...(reflection.signatures ?? []), ...(reflection.type?.declaration?.signatures ?? [])].some(({ comment }) =>
    comment?.hasVisibleComponent(),
  );
}

/** Members without a docstring of the interfaces and types that are public: of their own declarations, not of what they extend. */
function undocumentedMembers(project) {
  const found = new Map();
  for (const reflection of project.getReflectionsByKind(ReflectionKind.Property | ReflectionKind.Method | ReflectionKind.Accessor)) {
    const [source] = reflection.sources ?? [];
    if (source === undefined || source.fileName.startsWith('node_modules/') || reflection.inheritedFrom !== undefined) continue;
    const owner = ownerOf(reflection);
    if (owner === undefined || hasDocstring(reflection)) continue;
    // what an interface of one member says, it says of that
    if (hasDocstring(owner) && reflection.parent.children.filter((child) => child.inheritedFrom === undefined).length === 1) continue;
    found.set(`${source.fileName}:${source.line}`, reflection.getFullName());
  }
  return [...found].map(([place, name]) => ({ place, name }));
}

/** The interface that a member belongs to, or the type that is made of the object, or of objects one of which has it. */
function ownerOf({ parent }) {
  if (parent?.kindOf(ReflectionKind.Interface)) return parent;
  return parent?.kindOf(ReflectionKind.TypeLiteral) && parent.parent?.kindOf(ReflectionKind.TypeAlias) ? parent.parent : undefined;
}

/** Schemas (`vlan: Codec<Vlan>`) and operations (`newRoute: RouteOperation`), which their types document. */
const schemas = /^(AttributeSet|Codec|Message|Struct|TaggedCodec|\w*Operation)$/;

function needsDocstring(reflection) {
  if (reflection.sources[0].fileName.startsWith('node_modules/')) return false;
  // exports alone: what is within the types of others is theirs
  if (!reflection.parent?.kindOf(ReflectionKind.SomeModule | ReflectionKind.Project)) return false;
  return !(reflection.kindOf(ReflectionKind.Variable) && schemas.test(reflection.type?.name));
}

process.exitCode = await make();
