using System.Security.Cryptography;
using System.Text;

namespace LlIcm.Benchmark.Sweeps;

/// <summary>One thing that a sweep computes once: its key is the hash of all that the result depends on.</summary>
/// <param name="Kind">What it computes.</param>
/// <param name="Key">32 hexadecimal digits.</param>
/// <param name="Command">How one would do it by hand.</param>
public sealed record Cell(CellKind Kind, string Key, string Command)
{
    // Changes where results of earlier programs would no longer be those of this one.
    private const string Generation = "1";

    /// <summary>A cell of what it depends on.</summary>
    /// <param name="kind">What it computes.</param>
    /// <param name="command">How one would do it by hand.</param>
    /// <param name="on">All that the result depends on: hashes, versions, settings.</param>
    public static Cell Of(CellKind kind, string command, params IEnumerable<string> on)
    {
        byte[] text = Encoding.UTF8.GetBytes(string.Join('\n', on.Prepend(kind.ToString()).Prepend(Generation)));
        return new Cell(kind, Convert.ToHexStringLower(SHA256.HashData(text))[..32], command);
    }
}
