extension ThreadPool {
  /// The values of a function of the elements, found by the threads; where several throw, the first element's error.
  package func map<Element, Value>(
    _ elements: some RandomAccessCollection<Element>, _ body: (Element) throws -> Value
  ) throws -> [Value] {
    let elements = Array(elements)
    let results = [Result<Value, any Error>](unsafeUninitializedCapacity: elements.count) { buffer, initialised in
      // Each item writes its own place.
      run(items: elements.count) { item in
        buffer.initializeElement(at: item, to: Result { try body(elements[item]) })
      }
      initialised = elements.count
    }
    return try results.map { try $0.get() }
  }
}
