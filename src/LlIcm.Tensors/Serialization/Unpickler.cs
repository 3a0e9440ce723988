using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace LlIcm.Tensors.Serialization;

/// <summary>
/// Reads Python pickles without running anything: containers, numbers, strings and the handful of names in
/// <see cref="PickleGlobals"/> that describe tensors. Every other class or function is refused by its name.
/// </summary>
/// <param name="source">Where the pickle lies.</param>
/// <param name="start">Its first byte.</param>
/// <param name="end">Where it ends at the latest.</param>
/// <param name="storageOf">Finds the storage that a persistent id stands for.</param>
/// <param name="torchScript">
/// Whether classes below <c>__torch__</c> may occur; they become <see cref="CheckpointObject"/>.
/// </param>
internal sealed class Unpickler(
    ByteSource source, long start, long end, Func<object?[], StorageRegion> storageOf, bool torchScript)
{
    /// <summary>The first byte of every pickle since protocol 2.</summary>
    public const byte ProtocolOpcode = 0x80;

    private const int MaxLine = 4096;
    private const int MaxIntegerBytes = 256;

    // A checkpoint of ten thousand tensors takes half a million instructions. Each may build an object, or copy a list
    // that is counted by its length, so this also bounds the memory that a hostile file can take.
    private const long MaxWork = 10_000_000;
    private long _work;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<long, object?> _memo = [];

    /// <summary>The byte after what has been read.</summary>
    public long Position { get; private set; } = start;

    /// <summary>Reads one pickle.</summary>
    /// <exception cref="WeightFormatException">It is damaged, or holds what this reader refuses.</exception>
    public object? Load()
    {
        while (true)
        {
            byte opcode = Byte();
            Spend(1);
            if (opcode == '.') return Pop();
            if (!Scalar(opcode) && !Container(opcode) && !Memo(opcode) && !Construct(opcode)) throw Refused(opcode);
        }
    }

    private static WeightFormatException Refused(byte opcode) => new(
        opcode is (byte)'i' or (byte)'o' or (byte)'P' or 0x82 or 0x83 or 0x84 or 0x92 or 0x97 or 0x98
            ? $"the pickle uses the instruction 0x{opcode:x2}, which weights do not need"
            : $"damaged pickle: unknown instruction 0x{opcode:x2}");

    private bool Scalar(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'N': Push(null); break;
            case 0x88: Push(true); break;
            case 0x89: Push(false); break;
            case (byte)'K': Push((long)Byte()); break;
            case (byte)'M': Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2))); break;
            case (byte)'J': Push((long)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4))); break;
            case 0x8a: Push(Integer(Bytes(Byte()))); break;
            case 0x8b: Push(Integer(Bytes(Length(Bytes(4))))); break;
            case (byte)'I': Push(IntegerLine()); break;
            case (byte)'L': Push(IntegerLine()); break;
            case (byte)'G': Push(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8))); break;
            case (byte)'F': Push(FloatLine()); break;
            // Strings of Python 2 count as text, as torch.load takes them.
            case (byte)'U' or 0x8c: Push(Encoding.UTF8.GetString(Bytes(Byte()))); break;
            case (byte)'T' or (byte)'X': Push(Encoding.UTF8.GetString(Bytes(Length(Bytes(4))))); break;
            case 0x8d: Push(Encoding.UTF8.GetString(Bytes(LongLength()))); break;
            case (byte)'V': Push(Line()); break;
            case (byte)'C': Push(Bytes(Byte()).ToArray()); break;
            case (byte)'B': Push(Bytes(Length(Bytes(4))).ToArray()); break;
            case 0x8e or 0x96: Push(Bytes(LongLength()).ToArray()); break;
            default: return false;
        }
        return true;
    }

    private bool Container(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'(': _marks.Add(_stack.Count); break;
            case (byte)')': Push(Array.Empty<object?>()); break;
            case (byte)'t': Push(PopToMark()); break;
            case 0x85: Push(PopMany(1)); break;
            case 0x86: Push(PopMany(2)); break;
            case 0x87: Push(PopMany(3)); break;
            case (byte)']' or 0x8f: Push(new List<object?>()); break;
            case (byte)'l' or 0x91: Push(new List<object?>(PopToMark())); break;
            case (byte)'a': Append(PopMany(1)); break;
            case (byte)'e' or 0x90: Append(PopToMark()); break;
            case (byte)'}': Push(new OrderedDictionary<object, object?>()); break;
            case (byte)'d': Push(PickleGlobals.Fill(new(), PopToMark())); break;
            case (byte)'s': SetItems(PopMany(2)); break;
            case (byte)'u': SetItems(PopToMark()); break;
            default: return false;
        }
        return true;
    }

    private bool Memo(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'q': _memo[Byte()] = Peek(); break;
            case (byte)'r': _memo[BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))] = Peek(); break;
            case (byte)'p': _memo[IntegerLine() as long? ?? -1] = Peek(); break;
            case 0x94: _memo[_memo.Count] = Peek(); break;
            case (byte)'h': Push(Remembered(Byte())); break;
            case (byte)'j': Push(Remembered(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)))); break;
            case (byte)'g': Push(Remembered(IntegerLine() as long? ?? -1)); break;
            case (byte)'0': Pop(); break;
            case (byte)'1': PopToMark(); break;
            case (byte)'2': Push(Peek()); break;
            case ProtocolOpcode:
                int protocol = Byte();
                if (protocol > 5) throw new WeightFormatException($"pickle protocol {protocol} is not supported");
                break;
            case 0x95: Bytes(8); break;
            default: return false;
        }
        return true;
    }

    private bool Construct(byte opcode)
    {
        switch (opcode)
        {
            case (byte)'c': { string module = Line(); Push(PickleGlobals.Resolve(module, Line(), torchScript)); break; }
            case 0x93:
                {
                    object?[] name = PopMany(2);
                    if (name is not [string module, string member])
                        throw new WeightFormatException("damaged pickle: a class name that is no text");
                    Push(PickleGlobals.Resolve(module, member, torchScript));
                    break;
                }
            case (byte)'R' or 0x81:
                {
                    object?[] call = PopMany(2);
                    if (call[1] is not object?[] arguments)
                        throw new WeightFormatException("damaged pickle: a call without arguments");
                    if (arguments is [var first, ..]) Spend(SizeOf(first));
                    Push(PickleGlobals.Call(call[0], arguments));
                    break;
                }
            case 0x92 when _stack.Count >= 3 && _stack[^3] is ForeignObject:
                // Made with named arguments: it is not made at all.
                PopMany(2);
                break;
            case (byte)'b':
                {
                    object? state = Pop();
                    Spend(SizeOf(state));
                    PickleGlobals.SetState(Peek(), state);
                    break;
                }
            case (byte)'Q':
                if (Pop() is not object?[] id)
                    throw new WeightFormatException("damaged pickle: a storage without description");
                Push(storageOf(id));
                break;
            default: return false;
        }
        return true;
    }

    private void Append(object?[] items)
    {
        if (Peek() is not ForeignObject) Peek<List<object?>>("a list").AddRange(items);
    }

    private void SetItems(object?[] items)
    {
        if (Peek() is not ForeignObject) PickleGlobals.Fill(Peek<OrderedDictionary<object, object?>>("a dictionary"), items);
    }

    private static int SizeOf(object? value) => value switch
    {
        IReadOnlyList<object?> list => list.Count,
        OrderedDictionary<object, object?> dictionary => dictionary.Count,
        string text => text.Length,
        _ => 0,
    };

    private void Spend(long work)
    {
        _work += work;
        if (_work > MaxWork) throw new WeightFormatException("the pickle is longer than any checkpoint of weights");
    }

    private void Push(object? value) => _stack.Add(value);

    private object? Pop()
    {
        object? value = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object? Peek()
    {
        if (_stack.Count <= (_marks.Count > 0 ? _marks[^1] : 0))
            throw new WeightFormatException("damaged pickle: empty stack");
        return _stack[^1];
    }

    private T Peek<T>(string what) where T : class =>
        Peek() as T ?? throw new WeightFormatException($"damaged pickle: {what} was expected");

    private object?[] PopMany(int count)
    {
        var items = new object?[count];
        for (int i = count - 1; i >= 0; i--) items[i] = Pop();
        return items;
    }

    private object?[] PopToMark()
    {
        if (_marks.Count == 0) throw new WeightFormatException("damaged pickle: no mark");
        int mark = _marks[^1];
        object?[] items = [.. _stack[mark..]];
        _stack.RemoveRange(mark, items.Length);
        _marks.RemoveAt(_marks.Count - 1);
        return items;
    }

    private object? Remembered(long index) => _memo.TryGetValue(index, out object? value)
        ? value
        : throw new WeightFormatException($"damaged pickle: nothing remembered as {index}");

    private byte Byte() => Bytes(1)[0];

    private ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > end - Position) throw new WeightFormatException("truncated pickle");
        ReadOnlySpan<byte> bytes = source.Slice(Position, count);
        Position += count;
        return bytes;
    }

    // A length beyond 2 GB is refused here as truncated: nothing of that kind is in a pickle of weights.
    private static int Length(ReadOnlySpan<byte> bytes) =>
        (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(bytes), int.MaxValue);

    private int LongLength() => (int)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8)), int.MaxValue);

    private string Line()
    {
        int room = (int)Math.Min(end - Position, MaxLine);
        int length = source.Slice(Position, room).IndexOf((byte)'\n');
        if (length < 0) throw new WeightFormatException("damaged pickle: an endless line");
        string line = Encoding.UTF8.GetString(Bytes(length));
        Position++;
        return line;
    }

    private object IntegerLine()
    {
        string line = Line().TrimEnd('L');
        if (line is "00" or "01") return line == "01";
        const NumberStyles style = NumberStyles.AllowLeadingSign;
        return line.Length <= MaxIntegerBytes
            && BigInteger.TryParse(line, style, CultureInfo.InvariantCulture, out BigInteger value)
            ? Narrow(value)
            : throw new WeightFormatException("damaged pickle: not an integer");
    }

    private double FloatLine() =>
        double.TryParse(Line(), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
            ? value
            : throw new WeightFormatException("damaged pickle: not a number");

    private static object Integer(ReadOnlySpan<byte> bytes) => bytes.Length <= MaxIntegerBytes
        ? Narrow(new BigInteger(bytes))
        : throw new WeightFormatException($"an integer of {bytes.Length} bytes");

    private static object Narrow(BigInteger value) =>
        value >= long.MinValue && value <= long.MaxValue ? (object)(long)value : value;
}
