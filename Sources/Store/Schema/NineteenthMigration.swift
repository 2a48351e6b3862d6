import Clinic

extension Migration {
    /// What other systems ask for, who is told of news and the news that wait for them; the number of a sample.
    static let nineteenth = Migration(
        number: 19, tables: [labRequests, subscriptions, caseNews], statements: [],
        work: { connection, _ in
            for column in ["sample_namespace {line}", "sample_value {line}"] {
                try add(column, to: "persons", on: connection)
            }
        })

    private static let labRequests = TableDefinition(
        "lab_requests",
        [
            "id {id} NOT NULL PRIMARY KEY", "case_id {id} NOT NULL", "owner_id {id} NOT NULL",
            "namespace {line} NOT NULL", "value {line} NOT NULL", "title {text} NOT NULL",
            "requester {text} NOT NULL", "authored_on {name} NOT NULL", "created_at {int} NOT NULL",
            "FOREIGN KEY (case_id) REFERENCES cases (id) ON DELETE CASCADE",
        ],
        indexes: [("lab_requests_case", "case_id, created_at"), ("lab_requests_value", "owner_id, value")])

    private static let subscriptions = TableDefinition(
        "subscriptions",
        [
            "id {id} NOT NULL PRIMARY KEY", "user_id {id} NOT NULL", "endpoint {text} NOT NULL",
            "created_at {int} NOT NULL", "FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE",
        ])

    /// Those that are at their end have no `due_at` any more; `failure` is why they were not taken at the last try.
    private static let caseNews = TableDefinition(
        "case_news",
        [
            "id {id} NOT NULL PRIMARY KEY", "subscription_id {id} NOT NULL", "case_id {id} NOT NULL",
            "created_at {int} NOT NULL", "attempts {int} NOT NULL", "due_at {int}", "ended_at {int}",
            "failure {text}",
            "FOREIGN KEY (subscription_id) REFERENCES subscriptions (id) ON DELETE CASCADE",
            "FOREIGN KEY (case_id) REFERENCES cases (id) ON DELETE CASCADE",
        ],
        indexes: [
            ("case_news_due", "due_at, id"), ("case_news_subscription", "subscription_id, ended_at"),
            ("case_news_case", "case_id"),
        ])
}
