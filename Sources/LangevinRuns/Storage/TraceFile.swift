import LangevinData

/// The trace of one chain as a text file in the CSV dialect of CmdStan, which ArviZ (`from_cmdstan`) and pandas read.
///
///     # sampler = pl
///     # num_warmup = 150000
///     # save_warmup = 1
///     # thin = 2500
///     lp__,step__,energy,cost,norm2
///     -16000.1,2500,0.48,0.32,354.2
///     # warning = step 2500: ...
///
/// Comments begin with `#`; those among the rows are what the sampler has warned of. Columns that end in two underscores are
/// about the sampler, the others are observables; a name with a comma or a quote in it is in quotes. Rows of the warm-up come
/// first. Numbers are written with the fewest digits that read back to the same bits.
package final class TraceFile {
  /// Its length in bytes.
  package var byteCount: Int { file.count }
  private let file: OutputFile

  /// Opens a file for traces; `keeping` cuts it back to that many bytes, as a resumed run does.
  package init(_ path: String, keeping byteCount: Int = 0) throws(FileFormatError) {
    file = try OutputFile(path, keeping: byteCount)
  }

  /// Writes what stands before the rows.
  package func begin(comments: [(name: String, value: String)], columns: [String]) throws(FileFormatError) {
    var text = comments.reduce(into: "") { $0 += "# \($1.name) = \($1.value)\n" }
    text += columns.map(csvField).joined(separator: ",") + "\n"
    try file.append(text)
  }

  /// Appends a row.
  package func append(_ row: [Double]) throws(FileFormatError) {
    try file.append(row.map(Self.text).joined(separator: ",") + "\n")
  }

  /// Appends a comment.
  package func append(comment name: String, _ value: String) throws(FileFormatError) {
    try file.append("# \(name) = \(value)\n")
  }

  /// Waits until all rows are on the disk.
  package func flush() throws(FileFormatError) { try file.flush() }

  /// A number as `float` of Python and `strtod` of C read it; whole numbers without a point.
  static func text(_ value: Double) -> String {
    if let whole = Int64(exactly: value), whole.magnitude < 1 << 53 {
      return value.sign == .minus && whole == 0 ? "-0.0" : "\(whole)"
    }
    return "\(value)"
  }
}

/// The rows of one chain, column by column.
public struct Trace: Equatable, Sendable {
  /// The names of the columns.
  public let columns: [String]
  /// The values, one list for each column.
  public private(set) var values: [[Double]]
  /// How many of the rows, the first ones, belong to the warm-up.
  public private(set) var warmupRows = 0
  /// What the sampler has warned of, each thing once, when it came up first.
  public private(set) var warnings: [String] = []
  /// The number of its chain, from 1, where it was read from a file that says so.
  private(set) var id: Int?

  /// A trace without rows.
  package init(columns: [String]) {
    self.columns = columns
    values = Array(repeating: [], count: columns.count)
  }

  /// The number of rows.
  public var rowCount: Int { values.first?.count ?? 0 }

  /// Adds a row.
  package mutating func append(_ row: [Double], isWarmup: Bool) {
    precondition(row.count == columns.count, "a row of \(row.count) values for \(columns.count) columns")
    for index in row.indices { values[index].append(row[index]) }
    if isWarmup { warmupRows += 1 }
  }

  /// Adds warnings, and returns those that are new: not the same as an earlier one but for the numbers in it.
  mutating func add(warnings new: [String]) -> [String] {
    new.filter { warning in
      let isNew = !warnings.contains { Self.withoutNumbers($0) == Self.withoutNumbers(warning) }
      if isNew { warnings.append(warning) }
      return isNew
    }
  }

  /// A warning without its numbers.
  package static func withoutNumbers(_ warning: String) -> String { warning.filter { !$0.isNumber && $0 != "." } }

  /// A column with its warm-up.
  public subscript(name: String) -> [Double]? { columns.firstIndex(of: name).map { values[$0] } }

  /// A column after the warm-up.
  public func kept(_ name: String) -> [Double]? { self[name].map { Array($0.dropFirst(warmupRows)) } }

  /// The columns that are observables and not about the sampler.
  public var observables: [String] { columns.filter { !$0.hasSuffix("__") } }
}

extension Trace {
  /// Reads a trace file. A last line that is cut short, as a killed run may leave it, is left out.
  package init(readingFrom path: String) throws {
    let text = String(decoding: try OutputFile.read(path), as: UTF8.self)
    var comments: [String: String] = [:]
    var warnings: [String] = []
    var trace: Trace?
    var number = 0
    var header = ""
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      number += 1
      if trace != nil || header.isEmpty, line.hasPrefix("#") {
        let parts = line.dropFirst().split(separator: "=", maxSplits: 1).map { $0.drop { $0 == " " } }
        guard parts.count == 2 else { continue }
        let name = String(parts[0].prefix { $0 != " " })
        if name == "warning" { warnings.append(String(parts[1])) } else { comments[name] = String(parts[1]) }
        continue
      }
      guard trace != nil else {
        header += line
        if let names = Self.names(in: header) { trace = Trace(columns: names) } else { header += "\n" }
        continue
      }
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      let row = fields.compactMap { Double($0) }
      guard row.count == fields.count, row.count == trace?.columns.count else {
        throw FileError(path, "line \(number) has \(row.count) numbers; expected \(trace?.columns.count ?? 0)")
      }
      trace?.append(row, isWarmup: false)
    }
    guard var trace else { throw FileError(path, "has no line with the names of the columns") }
    let warmup = comments["num_warmup"].flatMap { Double($0) } ?? 0
    trace.warnings = warnings
    trace.id = comments["id"].flatMap { Int($0) }
    trace.warmupRows = (trace["step__"] ?? []).count { $0 <= warmup }
    self = trace
  }

  /// The names in a header; nil if a quoted one does not end in it.
  private static func names(in header: String) -> [String]? {
    var names = [""]
    var (isQuoted, wasQuoted) = (false, false)
    for character in header {
      if character == "\"" {
        // Two quotes within a quoted name are one of it.
        if !isQuoted && wasQuoted { names[names.count - 1].append(character) }
        isQuoted.toggle()
        wasQuoted = true
      } else if character == "," && !isQuoted {
        names.append("")
        wasQuoted = false
      } else {
        names[names.count - 1].append(character)
        if !isQuoted { wasQuoted = false }
      }
    }
    return isQuoted ? nil : names
  }
}
