using System.Buffers.Binary;
using System.Text;

namespace LlIcm.Imaging;

/// <summary>What a HEIF container (ISO/IEC 23008-12; AVIF, HEIC) says of its main picture's colours, and how many pictures there are.</summary>
internal ref struct HeifHeader
{
    private readonly ReadOnlySpan<byte> _file;
    private readonly HashSet<uint> _hidden = [];
    private readonly Dictionary<uint, string> _items = [];
    private readonly List<(string Type, uint From, uint To)> _references = [];
    private readonly List<Box> _properties = [];
    private readonly List<(uint Item, int Property)> _associations = [];
    private uint _primary;

    private HeifHeader(ReadOnlySpan<byte> file) => _file = file;

    public static FileDescription Describe(ReadOnlySpan<byte> file)
    {
        var header = new HeifHeader(file);
        int frames = 0;
        foreach (Box box in new BoxReader(file))
        {
            if (box.Type == "meta" && box.Length > 4) header.ReadMeta(box);
            else if (box.Type == "moov") frames = Math.Max(frames, Frames(file, box));
        }
        return header.Described(frames);
    }

    private readonly FileDescription Described(int frames)
    {
        RgbSpace? space = null;
        string? problem = null;
        uint primary = _primary;
        foreach ((uint item, int property) in _associations)
        {
            if (item != primary || property < 1 || property > _properties.Count) continue;
            ReadOnlySpan<byte> colour = _properties[property - 1].Content(_file);
            if (_properties[property - 1].Type == "colr" && colour.Length >= 10 && colour.StartsWith("nclx"u8))
            {
                space = CodePoints.Space(
                    BinaryPrimitives.ReadUInt16BigEndian(colour[4..]), BinaryPrimitives.ReadUInt16BigEndian(colour[6..]), out problem);
            }
        }
        // Hidden pictures, auxiliary ones (opacity, depth, gain), thumbnails and tiles are none by themselves.
        HashSet<uint> hidden = _hidden;
        var parts = _references.Where(each => each.Type is "auxl" or "thmb").Select(each => each.From)
            .Concat(_references.Where(each => each.Type == "dimg").Select(each => each.To)).ToHashSet();
        int images = _items.Count(each => each.Value is "hvc1" or "av01" or "grid" or "iden" or "iovl" or "avc1" or "jpeg" or "j2k1" or "vvc1" or "unci"
            && !hidden.Contains(each.Key) && !parts.Contains(each.Key));
        return new FileDescription
        {
            Images = Math.Max(1, Math.Max(images, frames)),
            Space = space,
            Problem = problem,
            IsPremultiplied = _references.Any(each => each.Type == "prem" && each.From == primary),
        };
    }

    private void ReadMeta(Box meta)
    {
        foreach (Box box in new BoxReader(_file, meta.Start + 4, meta.Length - 4))
        {
            ReadOnlySpan<byte> content = box.Content(_file);
            if (content.Length < 6) continue;
            bool wide = content[0] > 0;
            switch (box.Type)
            {
                case "pitm":
                    _primary = wide ? Number(content, 4, 4) : Number(content, 4, 2);
                    break;
                case "iinf":
                    int start = wide ? 8 : 6;
                    if (box.Length < start) break;
                    foreach (Box entry in new BoxReader(_file, box.Start + start, box.Length - start)) ReadItem(entry);
                    break;
                case "iref":
                    foreach (Box reference in new BoxReader(_file, box.Start + 4, box.Length - 4)) ReadReference(reference, wide);
                    break;
                case "iprp":
                    ReadProperties(box);
                    break;
            }
        }
    }

    private readonly void ReadItem(Box entry)
    {
        ReadOnlySpan<byte> content = entry.Content(_file);
        if (entry.Type != "infe" || content.Length < 12 || content[0] < 2) return;
        bool wide = content[0] > 2;
        uint id = Number(content, 4, wide ? 4 : 2);
        int at = wide ? 10 : 8;
        if (content.Length < at + 4) return;
        _items[id] = Encoding.Latin1.GetString(content.Slice(at, 4));
        if ((content[3] & 1) != 0) _hidden.Add(id);
    }

    private readonly void ReadReference(Box reference, bool wide)
    {
        ReadOnlySpan<byte> content = reference.Content(_file);
        int size = wide ? 4 : 2;
        if (content.Length < size + 2) return;
        uint from = Number(content, 0, size), count = Number(content, size, 2);
        for (int i = 0, at = size + 2; i < count && at + size <= content.Length; i++, at += size)
            _references.Add((reference.Type, from, Number(content, at, size)));
    }

    private readonly void ReadProperties(Box box)
    {
        foreach (Box part in new BoxReader(_file, box.Start, box.Length))
        {
            if (part.Type == "ipco")
            {
                foreach (Box property in new BoxReader(_file, part.Start, part.Length)) _properties.Add(property);
            }
            else if (part.Type == "ipma" && part.Length >= 8)
            {
                ReadAssociations(part.Content(_file));
            }
        }
    }

    private readonly void ReadAssociations(ReadOnlySpan<byte> content)
    {
        int idSize = content[0] > 0 ? 4 : 2, indexSize = (content[3] & 1) != 0 ? 2 : 1;
        uint items = Number(content, 4, 4);
        int at = 8;
        for (uint i = 0; i < items && at + idSize + 1 <= content.Length; i++)
        {
            uint id = Number(content, at, idSize);
            int count = content[at + idSize];
            at += idSize + 1;
            for (int j = 0; j < count && at + indexSize <= content.Length; j++, at += indexSize)
                _associations.Add((id, (int)Number(content, at, indexSize) & (indexSize == 2 ? 0x7FFF : 0x7F)));
        }
    }

    // The samples of the longest track of an image sequence.
    private static int Frames(ReadOnlySpan<byte> file, Box parent)
    {
        int frames = 0;
        foreach (Box box in new BoxReader(file, parent.Start, parent.Length))
        {
            if (box.Type is "trak" or "mdia" or "minf" or "stbl") frames = Math.Max(frames, Frames(file, box));
            else if (box.Type == "stsz" && box.Length >= 12)
                frames = Math.Max(frames, (int)Math.Min(Number(box.Content(file), 8, 4), int.MaxValue));
        }
        return frames;
    }

    private static uint Number(ReadOnlySpan<byte> content, int at, int size)
    {
        uint value = 0;
        for (int i = 0; i < size; i++) value = (value << 8) | (at + i < content.Length ? content[at + i] : (uint)0);
        return value;
    }
}
