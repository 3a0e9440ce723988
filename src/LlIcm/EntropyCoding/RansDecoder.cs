using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LlIcm.EntropyCoding;

/// <summary>
/// Reads a rANS stream in any number of calls, the counterpart of <see cref="RansEncoder"/>. Corrupt data give wrong
/// symbols or an <see cref="EntropyCodingException"/>, never a hang or an access out of bounds; work and memory are
/// bounded by the number of symbols asked for. Not thread-safe.
/// </summary>
public sealed class RansDecoder
{
    private readonly ReadOnlyMemory<byte> _stream;
    private readonly Crc32? _crc;
    private ulong _state;
    private int _position;

    /// <summary>Starts at the head of a stream. Nothing is copied.</summary>
    /// <param name="stream">The stream: the state in 8 bytes, then 32-bit little-endian words.</param>
    /// <param name="checkSymbols">Whether the encoder was told so.</param>
    /// <exception cref="EntropyCodingException">The length or the state is one that no encoder writes.</exception>
    public RansDecoder(ReadOnlyMemory<byte> stream, bool checkSymbols = false)
    {
        if (stream.Length < 8 || stream.Length % 4 != 0)
            throw new EntropyCodingException($"a rANS stream of {stream.Length} bytes is cut off");
        _stream = stream;
        _crc = checkSymbols ? new Crc32() : null;
        _position = 8;
        _state = BinaryPrimitives.ReadUInt64LittleEndian(stream.Span);
        if (_state is < Rans.LowerBound or >= 1UL << 63)
            throw new EntropyCodingException("the rANS stream is corrupt: impossible state");
    }

    /// <summary>Decodes the next symbols.</summary>
    /// <param name="symbols">Receives the symbols.</param>
    /// <param name="indexes">The table row of each symbol, as the encoder had them.</param>
    /// <param name="table">The frequencies, as the encoder had them.</param>
    /// <exception cref="ArgumentException"><paramref name="indexes"/> has another length.</exception>
    /// <exception cref="EntropyCodingException">
    /// The stream ends too early or holds an impossible escape, or an index names no row. The decoder is then of no
    /// further use.
    /// </exception>
    public void Pop(Span<int> symbols, ReadOnlySpan<int> indexes, CdfTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (symbols.Length != indexes.Length)
            throw new ArgumentException($"{symbols.Length} symbols but {indexes.Length} indexes", nameof(indexes));

        ReadOnlySpan<byte> stream = _stream.Span;
        ReadOnlySpan<CdfTable.Row> rows = table.Rows;
        ref ushort buckets = ref MemoryMarshal.GetReference(table.Buckets);
        ref uint entries = ref MemoryMarshal.GetReference(table.Entries);
        ulong x = _state;
        int position = _position;

        // Between symbols x is in [2^31, 2^63): a step gives at least 2^15, so one word always brings it back.
        for (int i = 0; i < symbols.Length; i++)
        {
            uint index = (uint)indexes[i];
            if (index >= (uint)rows.Length) ThrowNoSuchRow(indexes[i], rows.Length);
            ref readonly CdfTable.Row row = ref rows[(int)index];

            // In bounds: CdfTable checked that its entries cover the slots 0…65535 of each row without gap, so the
            // bucket exists, the search starts at or before the slot's symbol and ends within the row.
            uint slot = (uint)x & (Rans.Total - 1);
            uint value = Unsafe.Add(ref buckets, (index << CdfTable.BucketBits) + (slot >> CdfTable.BucketShift));
            ref uint entry = ref Unsafe.Add(ref entries, (uint)row.First + value);
            uint inside = slot - (entry & 0xFFFF);
            uint frequency = entry >> 16;
            while (inside >= frequency)
            {
                inside -= frequency;
                entry = ref Unsafe.Add(ref entry, 1);
                frequency = entry >> 16;
                value++;
            }

            x = (frequency * (x >> Rans.Precision)) + inside;
            if (x < Rans.LowerBound) x = (x << 32) | Word(stream, ref position);
            symbols[i] = value == (uint)row.Escape
                ? ReadEscaped(stream, ref x, ref position, row)
                : (int)value + row.Offset;
        }

        _state = x;
        _position = position;
        if (_crc is not null) Rans.Append(_crc, symbols);
    }

    /// <summary>
    /// After the last symbol: the decoder must have come back to where the encoder started, with nothing left. Finds
    /// wrong data, wrong indexes and wrong tables but for a chance around 2^-31. A changed payload of an escape, whose
    /// bits are raw and influence nothing else, is found only in a stream with checked symbols.
    /// </summary>
    /// <exception cref="EntropyCodingException">Words are left over or the state is not the initial one.</exception>
    public void EnsureFinished()
    {
        if (_position != _stream.Length)
        {
            throw new EntropyCodingException(
                $"the rANS stream does not fit the model: {_stream.Length - _position} bytes are left over");
        }

        if (_state != Rans.InitialState(_crc?.GetCurrentHashAsUInt32() ?? 0))
            throw new EntropyCodingException("the rANS stream does not fit the model: it ends in a wrong state");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static int ReadEscaped(ReadOnlySpan<byte> stream, ref ulong x, ref int position, CdfTable.Row row)
    {
        uint nibbles = Nibble(stream, ref x, ref position);
        uint raw = 0;
        if (nibbles <= Rans.MaxEscapeNibbles)
        {
            for (int n = 0; n < (int)nibbles; n++) raw |= Nibble(stream, ref x, ref position) << (n * Rans.NibbleBits);
        }

        if (nibbles != Escape.PayloadNibbles(raw))
            throw new EntropyCodingException("the rANS stream is corrupt: impossible escape");
        return Escape.Symbol(raw, row);
    }

    private static uint Nibble(ReadOnlySpan<byte> stream, ref ulong x, ref int position)
    {
        uint nibble = (uint)x & Rans.NibbleMask;
        x >>= Rans.NibbleBits;
        if (x < Rans.LowerBound) x = (x << 32) | Word(stream, ref position);
        return nibble;
    }

    private static uint Word(ReadOnlySpan<byte> stream, ref int position)
    {
        if (position >= stream.Length) ThrowCutOff(stream.Length);
        uint word = BinaryPrimitives.ReadUInt32LittleEndian(stream[position..]);
        position += 4;
        return word;
    }

    [DoesNotReturn]
    private static void ThrowCutOff(int length) =>
        throw new EntropyCodingException($"the rANS stream ends too early, after {length} bytes");

    [DoesNotReturn]
    private static void ThrowNoSuchRow(int index, int rows) =>
        throw new EntropyCodingException($"index {index} names no row of a table of {rows} rows");
}
