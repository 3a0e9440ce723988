using System.Buffers.Binary;
using System.IO.Hashing;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LlIcm.EntropyCoding;

/// <summary>
/// Writes symbols as one rANS stream, byte for byte as CompressAI's <c>BufferedRansEncoder</c>. rANS is last in, first
/// out: the symbols are collected and coded backwards by <see cref="Finish"/>, so that the decoder runs forwards.
/// Not thread-safe.
/// </summary>
public sealed class RansEncoder
{
    private const int ChunkSize = 1 << 15;

    // What to code, in order: a symbol as in CdfTable.Entries, or a raw nibble with frequency 0.
    private readonly List<uint[]> _full = [];
    private uint[] _chunk = new uint[1 << 10];
    private readonly Crc32? _crc;
    private int _used;

    /// <summary>Creates an encoder.</summary>
    /// <param name="checkSymbols">
    /// False: byte for byte the reference's stream. True: the coder starts in the state 2^31 + (CRC-32 of the symbols
    /// mod 2^31) instead of 2^31, which makes the stream no longer and lets the decoder verify every symbol.
    /// </param>
    public RansEncoder(bool checkSymbols = false) => _crc = checkSymbols ? new Crc32() : null;

    /// <summary>Appends symbols.</summary>
    /// <param name="symbols">The symbols.</param>
    /// <param name="indexes">The table row of each symbol.</param>
    /// <param name="table">The frequencies.</param>
    /// <exception cref="ArgumentException"><paramref name="indexes"/> has another length.</exception>
    /// <exception cref="EntropyCodingException">
    /// An index names no row, or a symbol is farther than about 2^27 from its row's range. The encoder is then of no
    /// further use.
    /// </exception>
    public void Push(ReadOnlySpan<int> symbols, ReadOnlySpan<int> indexes, CdfTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (symbols.Length != indexes.Length)
            throw new ArgumentException($"{symbols.Length} symbols but {indexes.Length} indexes", nameof(indexes));

        if (_crc is not null) Rans.Append(_crc, symbols);
        ReadOnlySpan<CdfTable.Row> rows = table.Rows;
        ReadOnlySpan<uint> entries = table.Entries;
        while (!symbols.IsEmpty)
        {
            int count = Math.Min(symbols.Length, Room());
            Span<uint> chunk = _chunk.AsSpan(_used, count);
            int done = 0;
            for (; done < chunk.Length; done++)
            {
                uint index = (uint)indexes[done];
                if (index >= (uint)rows.Length) throw NoSuchRow(indexes[done], rows.Length);
                ref readonly CdfTable.Row row = ref rows[(int)index];
                uint value = (uint)(symbols[done] - row.Offset);
                if (value >= (uint)row.Escape) break;
                chunk[done] = entries[row.First + (int)value];
            }

            _used += done;
            if (done < count)
            {
                CdfTable.Row row = rows[indexes[done]];
                PushEscaped(Escape.RawValue(symbols[done], row), entries[row.First + row.Escape]);
                done++;
            }

            symbols = symbols[done..];
            indexes = indexes[done..];
        }
    }

    /// <summary>
    /// Codes everything pushed so far and starts over. The stream is at least 8 bytes (the final state), then 32-bit
    /// little-endian words.
    /// </summary>
    /// <returns>The stream.</returns>
    public byte[] Finish()
    {
        var words = new uint[256];
        int count = 0;
        ulong state = Rans.InitialState(_crc?.GetCurrentHashAsUInt32() ?? 0);
        for (int c = _full.Count; c >= 0; c--)
        {
            ReadOnlySpan<uint> chunk = c == _full.Count ? _chunk.AsSpan(0, _used) : _full[c];
            // A symbol emits at most one word, so the loop inside need not look.
            if (words.Length - count < chunk.Length)
                Array.Resize(ref words, Math.Max(count + chunk.Length, 2 * words.Length));
            count += EncodeBackwards(chunk, words.AsSpan(count, chunk.Length), ref state);
        }

        _full.Clear();
        _used = 0;
        _crc?.Reset();

        var stream = new byte[8 + (4 * count)];
        BinaryPrimitives.WriteUInt64LittleEndian(stream, state);
        for (int i = 0; i < count; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(stream.AsSpan(8 + (4 * i)), words[count - 1 - i]);
        return stream;
    }

    /// <summary>
    /// state ← (state / frequency)·2^16 + state mod frequency + start, after moving 32 bits out where the result would
    /// leave 63 bits.
    /// </summary>
    private static int EncodeBackwards(ReadOnlySpan<uint> items, Span<uint> words, ref ulong state)
    {
        ulong x = state;
        ref uint first = ref MemoryMarshal.GetReference(words);
        ref ulong reciprocals = ref MemoryMarshal.GetArrayDataReference(Reciprocal.Table);
        int count = 0;
        for (int i = items.Length - 1; i >= 0; i--)
        {
            uint item = items[i];
            uint frequency = item >> 16;
            if (frequency == 0)
            {
                if (x >> 59 != 0)
                {
                    // In bounds: words is as long as items, and each item comes here at most once.
                    Unsafe.Add(ref first, count++) = (uint)x;
                    x >>= 32;
                }

                x = (x << Rans.NibbleBits) | item;
                continue;
            }

            if (x >= (ulong)frequency << 47)
            {
                Unsafe.Add(ref first, count++) = (uint)x; // In bounds: as above.
                x >>= 32;
            }

            // In bounds: the table has 2^16 elements.
            ulong reciprocal = Unsafe.Add(ref reciprocals, frequency);
            if (reciprocal == 0) reciprocal = Reciprocal.Compute(frequency);
            ulong quotient = Reciprocal.Divide(x, frequency, reciprocal);
            x += (quotient * (Rans.Total - frequency)) + (item & 0xFFFF);
        }

        state = x;
        return count;
    }

    private void PushEscaped(uint raw, uint entry)
    {
        int nibbles = Escape.PayloadNibbles(raw);
        PushItem(entry);
        PushItem((uint)nibbles); // At most 7, so the count never continues in a second nibble.
        for (int i = 0; i < nibbles; i++) PushItem((raw >> (i * Rans.NibbleBits)) & Rans.NibbleMask);
    }

    private void PushItem(uint item)
    {
        Room();
        _chunk[_used++] = item;
    }

    /// <summary>
    /// Makes room for at least one item; chunks rather than one array, so that big pictures copy nothing.
    /// </summary>
    private int Room()
    {
        if (_used == _chunk.Length)
        {
            if (_chunk.Length < ChunkSize)
            {
                Array.Resize(ref _chunk, Math.Min(ChunkSize, 4 * _chunk.Length));
            }
            else
            {
                _full.Add(_chunk);
                _chunk = new uint[ChunkSize];
                _used = 0;
            }
        }

        return _chunk.Length - _used;
    }

    private static EntropyCodingException NoSuchRow(int index, int rows) =>
        new($"index {index} names no row of a table of {rows} rows");

    /// <summary>
    /// Exact division of a state by a frequency as a multiplication (Granlund and Montgomery, PLDI 1994): with
    /// l = ceil(log2 f) and m = ceil(2^(63+l) / f), floor(x / f) = floor(x·m / 2^(63+l)) for every x below 2^63.
    /// </summary>
    private static class Reciprocal
    {
        // m by frequency, filled as frequencies occur. Writing one twice is harmless: 64-bit writes are atomic.
        public static readonly ulong[] Table = new ulong[Rans.Total];

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static ulong Compute(uint frequency) => Table[frequency] =
            (ulong)(((UInt128.One << (63 + CeilLog2(frequency))) + frequency - 1) / frequency);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong Divide(ulong x, uint frequency, ulong reciprocal) =>
            Math.BigMul(x << 1, reciprocal, out _) >> CeilLog2(frequency);

        private static int CeilLog2(uint value) => 32 - BitOperations.LeadingZeroCount(value - 1);
    }
}
