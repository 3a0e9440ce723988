namespace LlIcm.Cli;

/// <summary>What the program ends with; docs/cli.md lists the same.</summary>
public enum ExitCode
{
    /// <summary>All is done.</summary>
    Success = 0,

    /// <summary>Of several inputs some failed, for different reasons or while others succeeded.</summary>
    SomeFailed = 1,

    /// <summary>The command line is wrong; nothing was done.</summary>
    Usage = 2,

    /// <summary>libtorch, libvips or the bridge is missing or unusable, or the device is not there.</summary>
    NativeLibrary = 3,

    /// <summary>The model is missing, unusable, or not the one a file was made with.</summary>
    Model = 4,

    /// <summary>An input is missing, unreadable, damaged or of an unknown kind.</summary>
    Input = 5,

    /// <summary>An output cannot be written, or is there already and may not be replaced.</summary>
    Output = 6,

    /// <summary>The input is fine, but what was asked cannot be done with it.</summary>
    Impossible = 7,

    /// <summary>There was not enough memory.</summary>
    Memory = 8,

    /// <summary>An error of the program itself.</summary>
    Internal = 70,

    /// <summary>Interrupted by the user.</summary>
    Interrupted = 130,
}
