import Langevin
import LangevinPlatform

/// Reading a data set of the size of MNIST: 60 000 and 10 000 images of 28 by 28 bytes, plain and compressed.
enum DataSuite {
  static func run(_ report: inout Report) throws {
    for (ending, goal) in [("", "0.2 s"), (".gz", "1 s")] {
      let temporary = try TemporaryFolder()
      defer { temporary.remove() }
      var peak: Double?
      let kind = ending.isEmpty ? "plain" : "gzip"
      try report.add("reading images as large as MNIST, \(kind)") {
        try writeImages(to: temporary.path, ending)
        var times: [Double] = []
        for _ in 0..<7 {
          times.append(try Clock.wall.time { _ = try Dataset<Float>(contentsOf: temporary.path) })
          peak = peak ?? peakMegabytes
        }
        times.sort()
        return Measurement(
          name: "reading images as large as MNIST, \(kind)", median: times[3], low: times[0], high: times[6],
          unit: "s", goal: goal)
      }
      if ending.isEmpty, let peak {
        try report.add("peak memory of the process after the first reading") {
          Measurement(
            name: "peak memory of the process after the first reading", median: peak, low: peak, high: peak, unit: "MB",
            goal: "250 MB")
        }
      }
    }
  }

  /// Images with as much ink as digits have: a fifth of the pixels, in the middle, at random.
  private static func writeImages(to folder: String, _ ending: String) throws {
    for (part, count) in [("train", 60_000), ("t10k", 10_000)] {
      let random = RandomStream(seed: 1, purpose: .user).substream(UInt64(count))
      let images = try ByteSink(path: "\(folder)/\(part)-images-idx3-ubyte\(ending)")
      let labels = try ByteSink(path: "\(folder)/\(part)-labels-idx1-ubyte\(ending)")
      func head(_ lengths: [UInt32]) -> [UInt8] {
        lengths.reduce([0, 0, 8, UInt8(lengths.count)]) { head, length in
          head + withUnsafeBytes(of: length.bigEndian) { Array($0) }
        }
      }
      try images.write(head([UInt32(count), 28, 28]))
      try labels.write(head([UInt32(count)]))
      var ink = Tensor<Float>(zeros: 160)
      var image = [UInt8](repeating: 0, count: 784)
      for number in 0..<count {
        random.fillUniforms(&ink, step: UInt64(number))
        for index in 0..<160 { image[28 * (6 + index / 10) + 9 + index % 10] = UInt8(ink[index] * 255.99) }
        try images.write(image)
        try labels.write([UInt8(number % 10)])
      }
      try images.close()
      try labels.close()
    }
  }

  /// The most memory that this process has ever held.
  private static var peakMegabytes: Double {
    var usage = rusage()
    #if canImport(Darwin)
      getrusage(RUSAGE_SELF, &usage)
      return Double(usage.ru_maxrss) / 1e6
    #else
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return Double(usage.ru_maxrss) * 1024 / 1e6
    #endif
  }
}
