/**
 * An object with some of its members replaced.
 *
 * @module
 */

/**
 * Replaces some members of an object; the rest keeps its own `this`.
 *
 * @param inner The object; not changed.
 * @param members What takes the place of its own.
 */
export function override<T extends object>(inner: T, members: Partial<T>): T {
  return new Proxy(inner, {
    get(target, name) {
      const value = name in members
        ? members[name as keyof T]
        : Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
