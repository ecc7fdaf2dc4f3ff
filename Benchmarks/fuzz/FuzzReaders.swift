// What the fuzzer calls: bytes are read as each kind of file. Whatever they are, a reader may only return or throw.
// Compiled together with the sources of LangevinData by `fuzz.sh`.
import LangevinCore

/// The first byte chooses the reader, the rest is the file; `LLVMFuzzerTestOneInput` is the name that libFuzzer looks for.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  guard let start, count > 0 else { return 0 }
  let bytes = Array(UnsafeBufferPointer(start: start + 1, count: count - 1))
  do {
    switch start[0] % 6 {
    case 0: try readArray(idx: bytes, as: Float.self)
    case 1: try readArray(npy: bytes, as: Float.self)
    case 2: try readArray(npy: bytes, as: Double.self)
    case 3: try readTable(bytes)
    case 4: try readPair(bytes)
    default: try drain(bytes)
    }
  } catch {
    // Every message must come out, too.
    if error.description.isEmpty { fatalError("an error without a message") }
  }
  return 0
}

private func source(_ bytes: [UInt8]) throws(FileFormatError) -> ByteSource {
  try ByteSource(RawFile(bytes: bytes, name: "fuzz"), decompressingAtMost: 1 << 20)
}

private func readArray<Element: Scalar>(idx bytes: [UInt8], as type: Element.Type) throws(FileFormatError) {
  let source = try source(bytes)
  let tensor: Tensor<Element> = try ArrayFile(source, IDXFile.layout(source, source.take(4, "magic"))).tensor()
  check(tensor)
}

private func readArray<Element: Scalar>(npy bytes: [UInt8], as type: Element.Type) throws(FileFormatError) {
  // The magic string is given, so that mutations go to what follows.
  let source = try source([0x93] + "NUMPY".utf8 + bytes)
  let tensor: Tensor<Element> = try ArrayFile(source).tensor()
  check(tensor)
}

private func check<Element: Scalar>(_ tensor: Tensor<Element>) {
  for index in 0..<tensor.count where !tensor[index].isFinite { fatalError("a number that is not finite") }
}

/// A table that becomes examples, filled and marked where it has holes.
private func readTable(_ bytes: [UInt8]) throws(FileFormatError) {
  let open = { @Sendable () throws(FileFormatError) in try source(bytes) }
  var options = ReadingOptions()
  options.missing = .indicator
  let table = try Table(options, open: open)
  var notes: [String] = []
  let preprocessing = try Preprocessing(fittedTo: table, options, notes: &notes)
  let encoded: EncodedTable<Float> = try preprocessing.encode(table)
  let count = (encoded.training?.examples.count ?? 0) + (encoded.heldOut?.examples.count ?? 0)
  precondition(count == table.rowCount)
}

/// Inputs and targets, cut where the first byte says.
private func readPair(_ bytes: [UInt8]) throws(FileFormatError) {
  let cut = min(Int(bytes.first ?? 0), bytes.count)
  let (targets, inputs) = (Array(bytes[min(1, cut)..<cut]), Array(bytes[cut...]))
  let part: Examples<Float> = try ArrayReader(ReadingOptions()).examples(
    inputs: ArrayFile(source(inputs)), targets: ArrayFile(source(targets)))
  precondition(part.count > 0)
}

/// Gzip, whatever it holds.
private func drain(_ bytes: [UInt8]) throws(FileFormatError) {
  let source = try source([0x1F, 0x8B] + bytes)
  while try source.next() != nil {}
}
