using System.Buffers.Binary;
using System.Text;

namespace LlIcm.Training.Logs;

/// <summary>An event file of TensorBoard with scalars: the few fields of its protocol buffers that are needed.</summary>
/// <remarks>
/// Event: wall_time = 1 (double), step = 2, file_version = 3, summary = 5, session_log = 7. Summary: value = 1, with tag = 1
/// and simple_value = 2 (float). SessionLog: status = 1, where START makes TensorBoard forget what an earlier file says
/// of later steps.
/// </remarks>
public sealed class EventFile : IDisposable
{
    private const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    private readonly FileStream _stream;

    /// <summary>Starts a file in a folder, beside those of earlier legs.</summary>
    /// <param name="folder">The folder, one for each run.</param>
    /// <param name="step">Steps made before this leg.</param>
    /// <exception cref="IOException">It can't be written.</exception>
    public EventFile(string folder, long step)
    {
        Directory.CreateDirectory(folder);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Path = System.IO.Path.Combine(
            folder, $"events.out.tfevents.{now.ToUnixTimeMilliseconds():0000000000000}.{Environment.ProcessId}.llicm");
        _stream = new FileStream(Path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite);
        Write(0, message => String(message, 3, "brain.Event:2"));
        if (step > 0) Write(step, message => Message(message, 7, session => Number(session, 1, 1)));
        _stream.Flush();
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Adds scalars of a step.</summary>
    /// <exception cref="IOException">It can't be written.</exception>
    public void Add(long step, IEnumerable<(string Tag, double Value)> scalars)
    {
        Write(step, message => Message(message, 5, summary =>
        {
            foreach ((string tag, double value) in scalars)
                Message(summary, 1, scalar =>
                {
                    String(scalar, 1, tag);
                    Float(scalar, 2, (float)value);
                });
        }));
        _stream.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private void Write(long step, Action<MemoryStream> fill)
    {
        using var message = new MemoryStream();
        Double(message, 1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / 1000.0);
        Number(message, 2, (ulong)step);
        fill(message);
        RecordFile.Write(_stream, message.GetBuffer().AsSpan(0, (int)message.Length));
    }

    private static void Key(MemoryStream stream, int field, int wire) => Number(stream, (ulong)(field << 3 | wire));

    private static void Number(MemoryStream stream, ulong value)
    {
        for (; value >= 0x80; value >>= 7) stream.WriteByte((byte)(value | 0x80));
        stream.WriteByte((byte)value);
    }

    private static void Number(MemoryStream stream, int field, ulong value)
    {
        Key(stream, field, Varint);
        Number(stream, value);
    }

    private static void Double(MemoryStream stream, int field, double value)
    {
        Key(stream, field, Fixed64);
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void Float(MemoryStream stream, int field, float value)
    {
        Key(stream, field, Fixed32);
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        stream.Write(bytes);
    }

    private static void String(MemoryStream stream, int field, string value)
    {
        Key(stream, field, Bytes);
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        Number(stream, (ulong)bytes.Length);
        stream.Write(bytes);
    }

    private static void Message(MemoryStream stream, int field, Action<MemoryStream> fill)
    {
        using var inner = new MemoryStream();
        fill(inner);
        Key(stream, field, Bytes);
        Number(stream, (ulong)inner.Length);
        inner.WriteTo(stream);
    }
}
