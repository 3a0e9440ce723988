using LlIcm.Container;

namespace LlIcm.Cli.Files;

/// <summary>.llic files as inputs.</summary>
public static class Llic
{
    /// <summary>Whether data begin as a .llic file does.</summary>
    public static bool IsLlic(ReadOnlySpan<byte> data) => data.StartsWith("LLIC"u8);

    /// <summary>Reads a file.</summary>
    /// <exception cref="CliException">It is no usable .llic file.</exception>
    public static LlicFile Read(InputFile input, ReadOnlyMemory<byte> data) => Named(input, () => LlicFile.Read(data));

    /// <summary>Reads what can be told without the model.</summary>
    /// <exception cref="CliException">It is no usable .llic file.</exception>
    public static LlicInfo Identify(InputFile input, ReadOnlyMemory<byte> data) => Named(input, () => LlicFile.Identify(data));

    private static T Named<T>(InputFile input, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (LlicFormatException error)
        {
            throw new CliException(ExitCode.Input, $"{input.Path}: {error.Message}", error);
        }
    }
}
