import LangevinCore
import LangevinSamplers

/// An archive in memory: the first pass over a state writes, the second, on another state, reads.
struct MemoryArchive: StateArchive {
  private var fields: [String: [Double]] = [:]
  private var counts: [String: UInt64] = [:]
  private var texts: [String: String] = [:]
  var isReading = false
  var prefix = ""

  private struct Missing: Error { let name: String }

  mutating func field(_ name: String, _ value: inout UInt64) throws {
    let name = prefix + name
    if !isReading { counts[name] = value }
    guard let stored = counts[name] else { throw Missing(name: name) }
    value = stored
  }

  mutating func field(_ name: String, _ value: inout Double) throws { value = try exchange(name, [value])[0] }

  mutating func field(_ name: String, _ value: inout String) throws {
    let name = prefix + name
    if !isReading { texts[name] = value }
    guard let stored = texts[name] else { throw Missing(name: name) }
    value = stored
  }

  mutating func field(_ name: String, _ value: inout [Double]) throws { value = try exchange(name, value) }

  mutating func field<Element: Scalar>(_ name: String, _ value: inout Tensor<Element>) throws {
    value = Tensor(try exchange(name, value.elements.map { Double($0) }).map { Element($0) })
  }

  private mutating func exchange(_ name: String, _ value: [Double]) throws -> [Double] {
    let name = prefix + name
    if !isReading { fields[name] = value }
    guard let stored = fields[name] else { throw Missing(name: name) }
    return stored
  }
}
