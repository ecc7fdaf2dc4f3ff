/// Memory that starts on a panel's boundary, two cache lines, for tensors and workspaces.
///
/// Unchecked: a tensor writes only where it holds the one reference, and a workspace belongs to one thread at a time.
final class AlignedStorage<Element: Scalar>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Element>
  let count: Int

  var buffer: UnsafeMutableBufferPointer<Element> { UnsafeMutableBufferPointer(start: base, count: count) }

  init(count: Int) {
    let bytes = max(count, 1) * MemoryLayout<Element>.stride
    base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 128)
      .bindMemory(to: Element.self, capacity: max(count, 1))
    self.count = count
  }

  convenience init(copying other: AlignedStorage) {
    self.init(count: other.count)
    base.update(from: other.base, count: count)
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }
}
