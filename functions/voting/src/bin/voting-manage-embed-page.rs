fn main() -> std::process::ExitCode {
    runtime::main(&voting::MANAGE_EMBED_PAGE)
}
