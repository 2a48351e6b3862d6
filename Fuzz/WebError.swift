/// What `MultipartParser` throws, without the web layer that the error belongs to.
struct WebError: Error {
    enum Code { case notMultipart, malformedRequest, tooLarge }

    init(_ code: Code, _ key: StaticString, _ facts: [String: Int] = [:]) {}
    init(_ code: Code, fault: String) {}
}
