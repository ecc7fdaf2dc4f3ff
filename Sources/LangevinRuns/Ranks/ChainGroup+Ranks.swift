import LangevinSamplers

extension ChainGroup {
  /// The rows after the warm-up of the chains of all ranks, cut to the columns that are wanted. Of ladders every rank has them
  /// all.
  func tracesOfAllRanks(_ isWanted: (String) -> Bool) throws -> [Trace] {
    guard ranks.canTalk, rungCount == 1 else { return traces }
    var writer = ArchiveWriter()
    var count = traces.count
    try writer.field("chains", &count)
    for trace in traces {
      var names = trace.columns.filter(isWanted)
      try writer.field("columns", &names)
      for name in names {
        var values = trace.kept(name) ?? []
        writer.field(name, &values)
      }
    }
    return try ranks.gather(writer.bytes).enumerated().flatMap { rank, bytes in
      var reader = ArchiveReader(bytes, path: "the rows of rank \(rank)")
      var count = 0
      try reader.field("chains", &count)
      return try (0..<count).map { _ in try Trace(reading: &reader) }
    }
  }
}

extension Trace {
  fileprivate init(reading reader: inout ArchiveReader) throws {
    var names: [String] = []
    try reader.field("columns", &names)
    var columns: [[Double]] = []
    for name in names {
      var values: [Double] = []
      try reader.field(name, &values)
      columns.append(values)
    }
    self.init(columns: names)
    for row in (columns.first ?? []).indices { append(columns.map { $0[row] }, isWarmup: false) }
  }
}
