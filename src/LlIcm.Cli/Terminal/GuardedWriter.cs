using System.Text;

namespace LlIcm.Cli.Terminal;

/// <summary>A console's writer whose failures are the program's own, or none.</summary>
/// <param name="inner">Where text goes; null where that is closed.</param>
/// <param name="fails">Whether a failure is told; else text that cannot be written is lost.</param>
public sealed class GuardedWriter(TextWriter? inner, bool fails) : TextWriter
{
    /// <inheritdoc/>
    public override Encoding Encoding => inner?.Encoding ?? Encoding.UTF8;

    /// <inheritdoc/>
    public override void Write(char value) => Guard(writer => writer.Write(value));

    /// <inheritdoc/>
    public override void Write(string? value) => Guard(writer => writer.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Guard(writer => writer.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    /// <inheritdoc/>
    public override void WriteLine() => Write(CoreNewLine, 0, CoreNewLine.Length);

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Write(value + NewLine);

    /// <inheritdoc/>
    public override void Flush() => Guard(writer => writer.Flush());

    private void Guard(Action<TextWriter> write)
    {
        try
        {
            if (inner is null) throw new IOException("it is closed");
            write(inner);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            if (!fails) return;
            throw new CliException(ExitCode.Output, $"standard output: cannot be written: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }
}
