import LangevinCore

/// Where the normals of a step come from: the chain's stream of random numbers, or a list that was given.
///
/// A list makes a step a plain calculation that can be compared with one by hand. It is used up from the front: noise by noise
/// of the passes, and within a noise parameter by parameter.
public struct NoiseSource: Sendable {
  enum Origin: Sendable {
    case stream(RandomStream)
    case list(ArraySlice<Double>)
  }

  var origin: Origin

  /// Normals that follow from the stream, the step and the parameter.
  package static func stream(_ stream: RandomStream) -> NoiseSource { NoiseSource(origin: .stream(stream)) }
  /// Normals one after the other from a list.
  package static func list(_ normals: [Double]) -> NoiseSource { NoiseSource(origin: .list(normals[...])) }

  /// One normal of a step.
  package mutating func normal(step: UInt64, lane: UInt32) -> Double {
    switch origin {
    case .stream(let stream): return stream.normal(step: step, lane: lane)
    case .list: return take(1)[0]
    }
  }

  /// A normal for each parameter.
  package mutating func fillNormals<Element>(_ normals: inout Tensor<Element>, step: UInt64, lane: UInt32) {
    switch origin {
    case .stream(let stream): stream.fillNormals(&normals, step: step, lane: lane)
    case .list:
      for (index, value) in take(normals.count).enumerated() { normals[index] = Element(value) }
    }
  }

  /// The next numbers of the list.
  mutating func take(_ count: Int) -> [Double] {
    guard case .list(let list) = origin else { return [] }
    precondition(list.count >= count, "the list of normals has \(list.count) left where \(count) are needed")
    origin = .list(list.dropFirst(count))
    return Array(list.prefix(count))
  }
}
