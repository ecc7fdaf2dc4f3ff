import LangevinPlatform

/// The system's zlib, looked up when it is first needed: nothing has to be installed to build or to read plain files.
///
/// Unchecked: addresses of C functions, which never change.
package struct Zlib: @unchecked Sendable {
  /// `z_stream` of zlib.h. zlib checks its size.
  struct Stream {
    var nextIn: UnsafePointer<UInt8>?
    var availableIn: UInt32 = 0
    var totalIn: UInt = 0
    var nextOut: UnsafeMutablePointer<UInt8>?
    var availableOut: UInt32 = 0
    var totalOut: UInt = 0
    var message: UnsafePointer<CChar>?
    var state: UnsafeRawPointer?
    var allocate: UnsafeRawPointer?
    var free: UnsafeRawPointer?
    var context: UnsafeRawPointer?
    var dataType: Int32 = 0
    var checksum: UInt = 0
    var reserved: UInt = 0
  }
  // A stream is passed as the address of a `Stream`.
  typealias StreamFunction = @convention(c) (UnsafeMutableRawPointer) -> Int32
  typealias Step = @convention(c) (UnsafeMutableRawPointer, _ flush: Int32) -> Int32
  typealias InflateInit =
    @convention(c) (UnsafeMutableRawPointer, _ windowBits: Int32, UnsafePointer<CChar>, _ size: Int32) -> Int32
  typealias DeflateInit =
    @convention(c) (
      UnsafeMutableRawPointer, _ level: Int32, _ method: Int32, _ windowBits: Int32, _ memoryLevel: Int32,
      _ strategy: Int32, UnsafePointer<CChar>, _ size: Int32
    ) -> Int32

  private let inflateInit: InflateInit
  private let deflateInit: DeflateInit
  let inflate: Step
  let inflateReset: StreamFunction
  let inflateEnd: StreamFunction
  let deflate: Step
  let deflateEnd: StreamFunction

  /// The names under which systems keep the library.
  package static let libraryNames = ["libz.so.1", "libz.1.dylib", "libz.dylib", "libz.so"]
  /// The library of this system, or nil.
  package static let system = Zlib(libraryNames: libraryNames)

  package init?(libraryNames: [String]) {
    guard let library = libraryNames.lazy.compactMap({ dlopen($0, RTLD_NOW) }).first else { return nil }
    func function<Type>(_ name: String) -> Type? { dlsym(library, name).map { unsafeBitCast($0, to: Type.self) } }
    guard let inflateInit: InflateInit = function("inflateInit2_"), let inflate: Step = function("inflate"),
      let inflateReset: StreamFunction = function("inflateReset"),
      let inflateEnd: StreamFunction = function("inflateEnd"),
      let deflateInit: DeflateInit = function("deflateInit2_"), let deflate: Step = function("deflate"),
      let deflateEnd: StreamFunction = function("deflateEnd")
    else { return nil }
    (self.inflateInit, self.inflate, self.inflateReset, self.inflateEnd) = (
      inflateInit, inflate, inflateReset, inflateEnd
    )
    (self.deflateInit, self.deflate, self.deflateEnd) = (deflateInit, deflate, deflateEnd)
  }

  /// A window of 2^15 bytes, and a gzip header and trailer (CRC and length) around the content.
  private static let gzipWindow: Int32 = 15 + 16
  private static let size = Int32(MemoryLayout<Stream>.size)

  func startInflating(_ stream: UnsafeMutablePointer<Stream>) -> Bool {
    inflateInit(stream, Self.gzipWindow, "1", Self.size) == Self.ok
  }

  func startDeflating(_ stream: UnsafeMutablePointer<Stream>) -> Bool {
    let (level, method, memoryLevel, strategy): (Int32, Int32, Int32, Int32) = (6, 8, 8, 0)
    return deflateInit(stream, level, method, Self.gzipWindow, memoryLevel, strategy, "1", Self.size) == Self.ok
  }

  static let ok: Int32 = 0
  static let streamEnd: Int32 = 1
  static let needsMore: Int32 = -5
  static let finish: Int32 = 4

  /// The error where the library is not there.
  static func missing(_ path: String, advice: String) -> FileFormatError {
    FileFormatError(
      .zlibMissing, path,
      found: "gzip compression, and no zlib on this system (\(libraryNames.joined(separator: ", ")))",
      expected: advice)
  }
}
