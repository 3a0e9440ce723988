using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace LlIcm.EntropyCoding;

/// <summary>
/// The constants of the coder: range asymmetric numeral systems (Duda, arXiv:1311.2540) with a 64-bit state and 32-bit
/// output words, laid out as CompressAI's coder, so that streams are interchangeable.
/// </summary>
internal static class Rans
{
    /// <summary>Frequencies of a table row sum to 2^16.</summary>
    public const int Precision = 16;

    /// <summary>2^<see cref="Precision"/>.</summary>
    public const int Total = 1 << Precision;

    /// <summary>The state stays in [2^31, 2^63).</summary>
    public const ulong LowerBound = 1UL << 31;

    /// <summary>Escape data travel in raw nibbles.</summary>
    public const int NibbleBits = 4;

    /// <summary>The largest nibble, which also says "the count goes on" in the count of payload nibbles.</summary>
    public const uint NibbleMask = 15;

    /// <summary>
    /// Raw escape values are below 2^28, i.e. seven payload nibbles: the reference coder never ends above that, so no
    /// valid stream has more.
    /// </summary>
    public const int MaxEscapeNibbles = 7;

    /// <summary>
    /// The largest |offset| of a row: keeps <c>symbol - offset</c> from wrapping into the row's range.
    /// </summary>
    public const int MaxOffset = 1 << 26;

    /// <summary>
    /// Where the encoder starts: the lower bound, or above it with a checksum of the symbols in the 31 bits that the
    /// start would otherwise waste.
    /// </summary>
    public static ulong InitialState(uint crc) => LowerBound | crc;

    /// <summary>Appends numbers to a checksum, as four little-endian bytes each, on any machine.</summary>
    public static void Append(Crc32 crc, ReadOnlySpan<int> numbers)
    {
        if (BitConverter.IsLittleEndian)
        {
            crc.Append(MemoryMarshal.AsBytes(numbers));
            return;
        }
        Span<byte> bytes = stackalloc byte[4];
        foreach (int number in numbers)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
            crc.Append(bytes);
        }
    }
}
