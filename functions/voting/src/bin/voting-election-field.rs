fn main() -> std::process::ExitCode {
    runtime::main(&voting::ELECTION_FIELD)
}
